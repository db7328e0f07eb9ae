// Saves what is typed, as the Save button would; without this script the button does it.
// A form says what stood in its entry when it was shown; where somebody else changed that, nothing is saved
// and the form says so, so that the button can show both.
const WAIT_MS = 1500;

for (const form of document.querySelectorAll("form[data-autosave]")) {
  const told = form.querySelector("[data-autosave-told]");
  let timer = 0;
  let saving = false;
  let again = false;
  let over = false;

  const save = async () => {
    if (saving) {
      again = true;
      return;
    }
    saving = true;
    const body = new URLSearchParams(new FormData(form));
    body.set("autosave", "1");
    told.textContent = form.dataset.saving;
    try {
      const response = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      const answer = await response.json();
      told.textContent = answer.told;
      if (response.ok) {
        form.elements.namedItem("seen").value = answer.seen;
        form.action = answer.action;
      } else {
        over = true;
      }
    } catch {
      told.textContent = form.dataset.failed;
    }
    saving = false;
    if (again && !over) {
      again = false;
      await save();
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    if (!over) timer = setTimeout(save, WAIT_MS);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    over = true;
    // What is under way ends first: else the form would be older than what it saved.
    if (saving) {
      event.preventDefault();
      const button = event.submitter;
      const wait = () => (saving ? setTimeout(wait, 50) : form.requestSubmit(button));
      wait();
    }
  });
}
