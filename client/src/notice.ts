/** Says, outside the root and to screen readers too, that this page has lost its other half. */
export function showLost(): void {
  if (document.querySelector(".spindle-lost")) return;
  const button = element("button", "Reload");
  button.type = "button";
  button.onclick = () => location.reload();
  const notice = element("div");
  notice.className = "spindle-lost";
  notice.setAttribute("role", "alert");
  notice.append(element("p", "Connection lost."), button);
  document.body.append(notice);
}

function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
