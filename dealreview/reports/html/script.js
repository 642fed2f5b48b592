// Sorting, filtering and folding. Everything can be read without it; it adds controls, no content.
"use strict";
(() => {
  const ANNOUNCE_AFTER = 350;
  const FIRST_ON_A_PHONE = 12;
  const narrow = matchMedia("(max-width: 47rem)").matches;

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
        table.dispatchEvent(new Event("sorted"));
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
    const body = table.tBodies[0];
    const rows = [...body.rows];
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
    const words = new Map(
      rows.map((row) => [row, searched.map((c) => text(row, c)).join(" ").toLocaleLowerCase()]),
    );
    let later = 0;
    let limit = narrow ? FIRST_ON_A_PHONE : Infinity;
    const all = document.createElement("button");
    all.type = "button";
    all.className = "all";
    all.addEventListener("click", () => {
      limit = Infinity;
      apply();
      input.focus();
    });
    list.append(all);
    const apply = () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      const picked = pickers.filter(([, select]) => select.value);
      let count = 0;
      [...body.rows].forEach((row) => {
        const shown =
          words.get(row).includes(wanted) && picked.every(([c, select]) => `=${text(row, c)}` === select.value);
        row.hidden = !shown || count >= limit;
        count += shown ? 1 : 0;
      });
      all.hidden = count <= limit;
      all.textContent = `All ${count.toLocaleString("en")}`;
      const seen = Math.min(count, limit);
      clearTimeout(later);
      later = setTimeout(() => {
        said.value = `${seen.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
      }, ANNOUNCE_AFTER);
    };
    form.addEventListener("input", apply);
    table.addEventListener("sorted", apply);
    form.addEventListener("reset", () => setTimeout(apply));
    form.addEventListener("submit", (event) => event.preventDefault());
    list.prepend(form);
    apply();
  }

  // --- cards: those on the agenda are open; on a phone all are closed until somebody asks for one ----

  const asked = () => document.getElementById(decodeURIComponent(location.hash.slice(1)));

  function openTarget() {
    const target = asked();
    const details = target?.closest(".card > details");
    if (details && !details.open) {
      details.open = true;
      target.scrollIntoView();
    }
  }

  function foldable(part) {
    const cards = [...part.querySelectorAll(":scope > .card > details")];
    if (cards.length < 2) return;
    const tools = document.createElement("p");
    tools.className = "tools";
    [["Open all cards", true], ["Close all cards", false]].forEach(([name, open]) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", () => cards.forEach((one) => (one.open = open)));
      tools.append(button);
    });
    cards[0].parentElement.before(tools);
  }

  const opened = [...document.querySelectorAll("details[data-opened]")];
  if (narrow) opened.forEach((one) => (one.open = false));
  addEventListener("beforeprint", () => {
    if (narrow) opened.forEach((one) => (one.open = true));
  });
  addEventListener("hashchange", openTarget);
  openTarget();
  document.querySelectorAll(".part").forEach(foldable);

  document.querySelectorAll("[data-list]").forEach((list) => {
    const table = list.querySelector("table");
    sortable(table);
    if (table.tBodies[0].rows.length > 5) filterable(list, table);
  });
})();
