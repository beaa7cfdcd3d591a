extension Assets {
  /// How pages look. Figures are drawn for light pages; on dark ones their greys are turned here, by the
  /// colours that they are drawn with.
  static let stylesheet = """
    :root { color-scheme: light; --page: #ffffff; --raised: #f5f6f8; --ink: #1a1a1a; --muted: #555555;
      --rule: #dcdfe4; --link: #005ea2; --focus: #d55e00; --marked: #fff3d6; --problem: #a1260d; }
    @media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { color-scheme: dark;
      --page: #15171b; --raised: #1f2228; --ink: #e8e8e8; --muted: #a5abb5; --rule: #383d46;
      --link: #7cbcf5; --focus: #ffb000; --marked: #3a3320; --problem: #ff9a85; } }
    :root[data-theme="dark"] { color-scheme: dark;
      --page: #15171b; --raised: #1f2228; --ink: #e8e8e8; --muted: #a5abb5; --rule: #383d46;
      --link: #7cbcf5; --focus: #ffb000; --marked: #3a3320; --problem: #ff9a85; }
    * { box-sizing: border-box; }
    body { margin: 0; font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink);
      background: var(--page); }
    a { color: var(--link); }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 1px; }
    .skip { position: absolute; left: -100rem; } .skip:focus { left: 1rem; top: .4rem; z-index: 2;
      background: var(--page); padding: .3rem .6rem; }
    header { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; align-items: baseline;
      padding: .6rem 1.2rem; background: var(--raised); border-bottom: 1px solid var(--rule); }
    header .index { font-weight: 600; color: var(--ink); text-decoration: none; }
    header nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
    header nav a { text-decoration: none; padding: .1rem 0; }
    header nav a[aria-current] { color: var(--ink); border-bottom: 2px solid var(--focus); }
    header .theme { margin-left: auto; font-size: 13px; }
    main { padding: .4rem 1.2rem 3rem; }
    h1 { font-size: 1.4rem; margin: .8rem 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
    code { font-size: 13px; }
    .bar { display: flex; flex-wrap: wrap; gap: .5rem .8rem; align-items: center; margin: .6rem 0; }
    .bar p { margin: 0; } .bar nav { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
    .filter { flex: 1 1 24rem; }
    .filter input { display: block; width: 100%; font-family: ui-monospace, monospace; }
    input, select, button, .button { font: inherit; font-size: 14px; color: var(--ink);
      background: var(--page); border: 1px solid var(--muted); border-radius: 4px;
      padding: .22rem .6rem; line-height: 1.6; }
    input[type="checkbox"] { accent-color: var(--link); }
    button, .button { background: var(--raised); cursor: pointer; text-decoration: none;
      display: inline-block; }
    .button.off { color: var(--muted); border-color: var(--rule); cursor: default; }
    .box { white-space: nowrap; } .box input { margin-right: .3rem; }
    .boxes { columns: 15rem; } .boxes .box { display: block; overflow: hidden; text-overflow: ellipsis; }
    fieldset { border: 1px solid var(--rule); border-radius: 4px; margin: .5rem 0; }
    .chooser { margin: .4rem 0; } summary { cursor: pointer; }
    .note, figcaption { color: var(--muted); font-size: 14px; }
    .problem { color: var(--problem); flex-basis: 100%; margin: 0; font-weight: 600;
      overflow-wrap: anywhere; }
    .live { color: var(--focus); font-weight: 600; }
    .wide { overflow-x: auto; max-width: 100%; }
    table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
    th, td { padding: .22rem .7rem; text-align: left; border-bottom: 1px solid var(--rule);
      white-space: nowrap; max-width: 24rem; overflow: hidden; text-overflow: ellipsis; }
    thead th { border-bottom: 2px solid var(--muted); vertical-align: bottom; }
    th[scope="row"] { font-weight: 500; }
    th[aria-sort="ascending"] a::after { content: " ▲"; }
    th[aria-sort="descending"] a::after { content: " ▼"; }
    td.n, th.n { text-align: right; }
    tbody tr:hover, tbody tr:focus-within { background: var(--raised); }
    table.models th[scope="row"] { position: sticky; left: 0; background: var(--page); }
    table.models tbody tr:hover th, table.models tbody tr:focus-within th { background: var(--raised); }
    tr.differs { background: var(--marked); }
    dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0;
      font-size: 14px; }
    dt { color: var(--muted); } dd { margin: 0; overflow-wrap: anywhere; }
    .columns { display: flex; flex-wrap: wrap; gap: 0 3rem; } .columns section { flex: 1 1 20rem; }
    .columns h2 { margin-top: .8rem; }
    .names { max-height: 16rem; overflow-y: auto; margin: .3rem 0; }
    figure { margin: .6rem 0 1.2rem; }
    svg { max-width: 100%; height: auto; }
    svg rect[fill="#ffffff"] { fill: var(--page); }
    svg rect[fill="#f2f2f2"] { fill: var(--raised); stroke: var(--muted); }
    svg text { fill: var(--ink); } svg text[fill="#555555"] { fill: var(--muted); }
    svg text[stroke="#ffffff"] { stroke: var(--page); }
    svg line[stroke="#e3e3e3"] { stroke: var(--rule); }
    svg line[stroke="#555555"], svg line[stroke="#999999"] { stroke: var(--muted); }
    svg [stroke="#000000"] { stroke: var(--ink); } svg [fill="#000000"] { fill: var(--ink); }
    svg circle[fill="#333333"] { fill: var(--muted); }
    svg a:hover circle, svg a:focus circle, svg a:hover path, svg a:focus path {
      stroke: var(--ink); stroke-width: 2; fill-opacity: 1; }
    svg a:hover .thing, svg a:focus .thing { stroke-width: 3.5; stroke-opacity: 1; }
    svg a:focus { outline: none; }
    @media (max-width: 60rem) { svg { max-width: none; } }
    @media print { header, .bar, .chooser, figcaption { display: none; } }

    """
}
