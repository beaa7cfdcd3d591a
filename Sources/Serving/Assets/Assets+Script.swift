extension Assets {
  /// What pages do beyond what they do without it: keys, the number of chosen models and the address that
  /// goes with them, and the progress of a scan.
  static let script = #"""
    'use strict';
    (() => {
      const rows = () => Array.from(document.querySelectorAll('table.models tbody tr'));
      const links = (relation) => document.querySelector(`a[rel="${relation}"]`);

      // The chosen models stand in the address, and go along to other pages of the table.
      const boxes = Array.from(document.querySelectorAll('table.models input[name="model"]'));
      const chosen = () => {
        const here = new Set(boxes.map((box) => box.value));
        const old = new URLSearchParams(location.search).getAll('model');
        return old.filter((name) => !here.has(name))
          .concat(boxes.filter((box) => box.checked).map((box) => box.value));
      };
      const withChosen = (address, names) => {
        const url = new URL(address, location.href);
        url.searchParams.delete('model');
        names.forEach((name) => url.searchParams.append('model', name));
        return url.pathname + url.search;
      };
      const update = () => {
        const names = chosen();
        const words = document.getElementById('chosen');
        if (words) words.textContent = names.length ? `${names.length} chosen` : '';
        history.replaceState(null, '', withChosen(location.href, names));
        document.querySelectorAll('nav[aria-label="Pages"] a, table.models thead a')
          .forEach((link) => link.setAttribute('href', withChosen(link.href, names)));
        document.querySelectorAll('form[action="/"]').forEach((form) => {
          form.querySelectorAll('input[type="hidden"][name="model"]').forEach((old) => old.remove());
          names.forEach((name) => {
            const input = document.createElement('input');
            input.type = 'hidden'; input.name = 'model'; input.value = name;
            form.append(input);
          });
        });
      };
      boxes.forEach((box) => box.addEventListener('change', update));
      if (boxes.some((box) => box.checked)) update();

      // Keys. None works while one writes.
      const move = (by) => {
        const all = rows();
        const at = all.findIndex((row) => row.contains(document.activeElement));
        const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
        if (next) next.querySelector('th a').focus();
      };
      const keys = {
        '/': () => { const field = document.getElementById('filter'); if (field) field.focus(); },
        j: () => move(1), k: () => move(-1),
        n: () => { const link = links('next'); if (link) link.click(); },
        p: () => { const link = links('prev'); if (link) link.click(); },
        x: () => {
          const row = rows().find((one) => one.contains(document.activeElement));
          if (row) row.querySelector('input').click();
        },
        c: () => { const form = document.querySelector('form[action="/compare"]'); if (form) form.submit(); },
        t: () => {
          const dark = document.documentElement.dataset.theme
            ? document.documentElement.dataset.theme === 'dark'
            : matchMedia('(prefers-color-scheme: dark)').matches;
          document.querySelectorAll('.theme a').forEach((link) => {
            if (link.textContent === (dark ? 'light' : 'dark')) link.click();
          });
        },
      };
      document.addEventListener('keydown', (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const writes = event.target.matches('input:not([type="checkbox"]), select, textarea');
        if (event.key === 'Escape' && writes) { event.target.blur(); return; }
        if (writes || !keys[event.key]) return;
        event.preventDefault();
        keys[event.key]();
      });

      // The progress of a scan that runs.
      const progress = document.getElementById('progress');
      const look = async () => {
        try {
          const answer = await fetch('/progress', { cache: 'no-store' });
          if (!answer.ok) return;
          const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
          progress.replaceChildren(...page.body.childNodes);
          setTimeout(look, answer.headers.get('X-Live') === '1' ? 1500 : 5000);
        } catch { setTimeout(look, 5000); }
      };
      if (progress) setTimeout(look, 1500);
    })();

    """#
}
