import { keepEarly } from "./early.ts";
import { Page } from "./page.ts";

const doAgain = keepEarly();
const begin = () => {
  const root = document.getElementById("spindle");
  if (root) new Page(root);
  doAgain();
};
if (document.readyState === "loading") addEventListener("DOMContentLoaded", begin);
else begin();
