'use strict';
(() => {
  // Every header becomes a button, so that without scripts there is nothing that does not work.
  const status = document.getElementById('announcement');

  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };

  // Numbers come before texts such as "—", which stay last in either direction; equal rows keep their order.
  const compare = (a, b, sign) => {
    const numbers = (typeof a === 'number') + (typeof b === 'number');
    if (numbers === 1) return typeof a === 'number' ? -1 : 1;
    return sign * (numbers === 2 ? a - b : a.localeCompare(b, 'en', {numeric: true}));
  };

  const rowsOf = (body) => [...body.rows].filter((row) => !row.classList.contains('protocol'));

  const sort = (table, header) => {
    const column = header.cellIndex;
    const order = header.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
    const sign = order === 'ascending' ? 1 : -1;
    // The rows of each protocol are sorted by themselves, below its name.
    for (const body of table.tBodies) {
      const rows = rowsOf(body).map((row) => ({row, key: key(row, column)}));
      rows.sort((a, b) => compare(a.key, b.key, sign));
      body.append(...rows.map((r) => r.row));
    }
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    header.setAttribute('aria-sort', order);
    status.textContent = `Sorted by ${header.textContent}, ${order}`;
  };

  for (const table of document.querySelectorAll('table')) {
    if (![...table.tBodies].some((body) => rowsOf(body).length > 1)) continue;
    for (const header of table.tHead.rows[0].cells) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...header.childNodes);
      button.addEventListener('click', () => sort(table, header));
      header.append(button);
    }
  }

  // A leaderboard can be narrowed to rows that have all words: in a cell, in the name of the protocol, or in the source.
  const filter = (table, field) => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const body of table.tBodies) {
      const protocol = body.rows[0].textContent, rows = rowsOf(body);
      for (const row of rows) {
        const text = `${protocol} ${row.dataset.words} ${[...row.cells].map((c) => c.textContent).join(' ')}`.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      const left = rows.filter((row) => !row.hidden).length;
      body.hidden = left === 0;
      shown += left;
    }
    status.textContent = `${shown} ${shown === 1 ? 'row' : 'rows'}`;
  };

  for (const table of document.querySelectorAll('table.leaderboard')) {
    const label = document.createElement('label'), field = document.createElement('input');
    field.type = 'search';
    field.placeholder = 'such as lds official';
    field.addEventListener('input', () => filter(table, field));
    label.className = 'filter';
    label.append(`Rows of ${table.caption.textContent} with `, field);
    table.closest('.scroll').before(label);
  }

  // Paper shows everything.
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = [...document.querySelectorAll('details:not([open])')];
    for (const d of closed) d.open = true;
  });
  addEventListener('afterprint', () => {
    for (const d of closed) d.open = false;
  });
})();
