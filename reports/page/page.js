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

  const sort = (table, header) => {
    const column = header.cellIndex, body = table.tBodies[0];
    const order = header.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
    const sign = order === 'ascending' ? 1 : -1;
    const rows = [...body.rows].map((row) => ({row, key: key(row, column)}));
    rows.sort((a, b) => compare(a.key, b.key, sign));
    body.append(...rows.map((r) => r.row));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    header.setAttribute('aria-sort', order);
    status.textContent = `Sorted by ${header.textContent}, ${order}`;
  };

  for (const table of document.querySelectorAll('table')) {
    if (table.tBodies[0].rows.length < 2) continue;
    for (const header of table.tHead.rows[0].cells) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...header.childNodes);
      button.addEventListener('click', () => sort(table, header));
      header.append(button);
    }
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
