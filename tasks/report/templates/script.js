(() => {
  const form = document.querySelector("#filter");
  if (!form) return;
  const table = document.querySelector("#changes tbody"), shown = document.querySelector("#shown");
  const none = document.querySelector("#none");
  const rows = [...table.rows].map(row => ({ row, text: row.innerText.toLowerCase().replace(/\s+/g, " ") }));
  const narrow = () => {
    const asked = new FormData(form);
    const words = asked.get("words").toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = ["system", "kind", "standing"].filter(name => asked.get(name));
    let count = 0;
    for (const { row, text } of rows) {
      const fits = chosen.every(name => row.dataset[name] === asked.get(name)) && words.every(w => text.includes(w));
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = count === rows.length ? "" : `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
    none.hidden = count > 0;
  };
  form.hidden = false;
  form.addEventListener("input", narrow);
  form.addEventListener("reset", () => setTimeout(narrow));
  form.addEventListener("submit", event => event.preventDefault());
})();
