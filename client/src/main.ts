import { Page } from "./page.ts";

const root = document.getElementById("spindle");
if (root) new Page(root);
