/** Says, outside the root and to screen readers too, that this page has lost its other half. */
export function showLost(): void {
  if (document.querySelector(".spindle-lost")) return;
  const text = document.createElement("p");
  text.textContent = "Connection lost.";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Reload";
  button.addEventListener("click", () => location.reload());
  const notice = document.createElement("div");
  notice.className = "spindle-lost";
  notice.setAttribute("role", "alert");
  notice.append(text, button);
  document.body.append(notice);
}
