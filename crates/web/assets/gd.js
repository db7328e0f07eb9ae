// A small help, never needed: a button that sends a file says that it is working, so that
// nobody sends twice. Without this script the browser shows the same by itself.
for (const form of document.querySelectorAll("form[data-working]")) {
  form.addEventListener("submit", () => {
    const button = form.querySelector("button[type=submit]");
    if (button) {
      button.setAttribute("aria-disabled", "true");
      button.textContent = form.dataset.working;
    }
  });
}
