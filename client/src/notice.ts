/** Says something outside the root, to screen readers too; what was said before gives way. */
export function say(text: string, button: string, action: () => void): void {
  const [shown] = document.querySelectorAll(".spindle-lost p");
  if (shown?.textContent === text) return;
  sayNoMore();
  const pressed = element("button", button);
  pressed.type = "button";
  pressed.onclick = action;
  const notice = element("div");
  notice.className = "spindle-lost";
  notice.setAttribute("role", "alert");
  notice.append(element("p", text), pressed);
  document.body.append(notice);
}

/** Says that this page has lost its other half. */
export function showLost(): void {
  say("Connection lost.", "Reload", () => location.reload());
}

export function sayNoMore(): void {
  document.querySelector(".spindle-lost")?.remove();
}

function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}
