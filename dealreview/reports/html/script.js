// Sorting and filtering of the lists. Everything can be read without it; it adds controls, no content.
"use strict";
(() => {
  const ANNOUNCE_AFTER = 350;

  const text = (row, column) => row.cells[column].textContent.trim();
  const key = (row, column) => {
    const given = row.cells[column].dataset.v;
    if (given === undefined) return text(row, column).toLocaleLowerCase();
    return given === "" || Number.isNaN(Number(given)) ? given : Number(given);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");

  function sortable(table) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if ("still" in head.dataset) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const before = head.getAttribute("aria-sort");
        const first = "down" in head.dataset ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = before === first ? other : first;
        heads.forEach((one) => one.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const rows = [...body.rows].map((row) => [key(row, column), row]);
        rows.sort(([a], [b]) => (a === "") - (b === "") || (a === "" ? 0 : sign * compare(a, b)));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  function labelled(form, name, control) {
    const label = document.createElement("label");
    label.append(name, control);
    form.append(label);
    return control;
  }

  function picker(form, name, values) {
    const select = labelled(form, name, document.createElement("select"));
    select.append(new Option("all", ""), ...values.map((value) => new Option(value || "none", `=${value}`)));
    return select;
  }

  function filterable(list, table) {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    const searched = heads.flatMap((head, column) => ("search" in head.dataset ? [column] : []));
    const form = document.createElement("form");
    form.className = "filters";
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", table.caption.firstChild.textContent);
    const input = labelled(form, "Find by name", document.createElement("input"));
    input.type = "search";
    const pickers = heads.flatMap((head, column) => {
      if (!("pick" in head.dataset)) return [];
      const values = [...new Set(rows.map((row) => text(row, column)))];
      values.sort((a, b) => a.localeCompare(b, "en"));
      return values.length > 1 ? [[column, picker(form, head.textContent, values)]] : [];
    });
    const reset = document.createElement("button");
    reset.type = "reset";
    reset.textContent = "Show all";
    const said = document.createElement("output");
    said.setAttribute("aria-live", "polite");
    form.append(reset, said);
    const words = rows.map((row) => searched.map((c) => text(row, c)).join(" ").toLocaleLowerCase());
    let later = 0;
    const apply = () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      const picked = pickers.filter(([, select]) => select.value);
      let count = 0;
      rows.forEach((row, n) => {
        const shown =
          words[n].includes(wanted) && picked.every(([c, select]) => `=${text(row, c)}` === select.value);
        row.hidden = !shown;
        count += shown ? 1 : 0;
      });
      clearTimeout(later);
      later = setTimeout(() => {
        said.value = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
      }, ANNOUNCE_AFTER);
    };
    form.addEventListener("input", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    list.prepend(form);
    apply();
  }

  document.querySelectorAll("[data-list]").forEach((list) => {
    const table = list.querySelector("table");
    sortable(table);
    if (table.tBodies[0].rows.length > 5) filterable(list, table);
  });
})();
