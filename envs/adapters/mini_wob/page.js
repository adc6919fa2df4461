// What the environment adds to a page of MiniWoB once it is loaded: a clock of its own, and one function each to
// begin, to act and to read. Every call runs to its end before the browser does anything else.
window.agentgym = (() => {
  const PATIENCE_MS = 2000;  // of the page's clock, after each action: menus open, fields search
  const MOST_CALLS = 2000;
  const APART = ['reward-display', 'sync-task-cover', 'click-canvas', 'query'];
  const SILENT = ['SCRIPT', 'STYLE', 'BR', 'HR'], FRAMES = '.ui-resizable-handle, .ui-helper-hidden-accessible';
  const FIELDS = ['text', 'password', 'search', 'number', 'tel', 'email', 'url', 'textarea'];
  const KEYS = {Enter: 13, Escape: 27, ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40};
  let now = Date.UTC(2017, 0, 1), last = 0, timers = new Map(), listed = [], drawn = 0;

  function installClock() {
    const Real = Date;
    window.Date = class extends Real {
      constructor(...parts) { if (parts.length) super(...parts); else super(now); }
      static now() { return now; }
    };
    const later = (every) => (call, delay, ...rest) => {
      const wait = Math.max(Number(delay) || 0, 1);
      timers.set(++last, {at: now + wait, every: every ? wait : 0, run: () => call(...rest)});
      return last;
    };
    window.setTimeout = later(false);
    window.setInterval = later(true);
    window.clearTimeout = window.clearInterval = number => { timers.delete(number); };
    window.requestAnimationFrame = call => window.setTimeout(() => call(now), 16);
    window.cancelAnimationFrame = window.clearTimeout;
  }

  function settle() {
    const end = now + PATIENCE_MS;
    for (let calls = 0; calls < MOST_CALLS; calls++) {
      const due = [...timers].filter(([, timer]) => timer.at <= end);
      if (!due.length) break;
      const [number, timer] = due.reduce((a, b) => (b[1].at < a[1].at ? b : a));
      now = Math.max(now, timer.at);
      if (timer.every) timer.at += timer.every; else timers.delete(number);
      timer.run();
    }
    now = end;
  }

  const words = text => text.replace(/\s+/g, ' ').trim();
  const visible = e => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(e).visibility === 'visible';
  };
  const own = e => words([...e.childNodes].filter(c => c.nodeType === 3).map(c => c.data).join(' '));

  function kindOf(e) {
    if (e instanceof HTMLInputElement) return e.type === 'submit' ? 'button' : e.type;
    return e.tagName.toLowerCase();
  }

  function describe(e) {
    const kind = kindOf(e), field = FIELDS.includes(kind), tab = e.closest('[role=tab]');
    const control = field || kind === 'checkbox' || kind === 'radio' || kind === 'select';
    const label = control && e.labels && e.labels.length ? words(e.labels[0].textContent) : '';
    const text = control ? label || e.placeholder || '' : kind === 'button' ? words(e.value || e.textContent) : own(e);
    return {
      kind: kind, text: text, mark: String(e.getAttribute('class') || e.id || ''),
      value: field ? e.value : null,
      checked: kind === 'checkbox' || kind === 'radio' ? e.checked : null,
      options: kind === 'select' ? [...e.options].map(o => words(o.text)) : [],
      selected: kind === 'select' ? [...e.selectedOptions].map(o => words(o.text)) : [],
      chosen: e.classList.contains('selected') || Boolean(tab) && tab.getAttribute('aria-selected') === 'true',
      disabled: Boolean(e.disabled), focused: e === document.activeElement,
    };
  }

  const shown = e => getComputedStyle(e).display !== 'none';

  function list(e) {
    if (APART.includes(e.id) || SILENT.includes(e.tagName) || e.matches(FRAMES) || !shown(e)) return;
    const whole = ['BUTTON', 'SELECT', 'TEXTAREA'].includes(e.tagName);
    const around = e instanceof HTMLLabelElement && e.control && e.contains(e.control);  // its words stand there
    if (visible(e) && !around && (whole || !e.children.length || own(e))) listed.push(e);
    if (!whole) [...e.children].forEach(list);
  }

  // All of the page that scripts can tell apart, without places and sizes.
  function state(e) {
    if (APART.includes(e.id) && e.id !== 'query') return null;
    const names = [...e.attributes].map(a => a.name).filter(n => n !== 'style' && !n.startsWith('data-')).sort();
    const values = names.map(name => name + '=' + e.getAttribute(name));
    const held = [e.value, e.checked, e.selectedIndex].map(v => (v === undefined ? null : v));
    const inner = [...e.childNodes].map(c => (c.nodeType === 3 ? c.data : c.nodeType === 1 ? state(c) : null));
    return [e.tagName, values, held, shown(e), e === document.activeElement, inner];
  }

  function read() {
    listed = [];
    list(document.body);
    return {
      utterance: core.getUtterance(), elements: listed.map(describe),
      done: WOB_DONE_GLOBAL, reward: Number(WOB_RAW_REWARD_GLOBAL), state: JSON.stringify([drawn, state(document.body)]),
    };
  }

  function begin(seed, chance) {
    installClock();
    if (window.jQuery) jQuery.fx.off = true;
    core.countdownTimer = () => {};
    core.EPISODE_MAX_TIME = 2 ** 40;  // of the page's clock: the environment counts steps instead
    Math.seedrandom(seed);
    core.startEpisodeReal();
    settle();
    Math.seedrandom(chance);
    const draw = Math.random;
    Math.random = () => { drawn++; return draw(); };
    return read();
  }

  const mouse = (e, name) => e.dispatchEvent(new MouseEvent(name, {bubbles: true, cancelable: true, view: window}));
  const told = (e, name) => e.dispatchEvent(new Event(name, {bubbles: true}));

  function focus(e) {
    e.focus();
    if (document.activeElement !== e && document.activeElement !== document.body) document.activeElement.blur();
  }

  function key(e, name) {
    const how = {key: name, code: name, keyCode: KEYS[name], which: KEYS[name], bubbles: true, cancelable: true};
    ['keydown', 'keyup'].forEach(event => e.dispatchEvent(new KeyboardEvent(event, how)));
  }

  const acts = {
    click(e) {
      if (e.disabled) return false;
      ['mouseover', 'mouseenter', 'mousemove', 'mousedown'].forEach(name => mouse(e, name));
      focus(e);
      mouse(e, 'mouseup');
      if (e.click) e.click(); else mouse(e, 'click');
      return true;
    },
    type(e, text) {
      const kept = e.value;
      if (!FIELDS.includes(kindOf(e)) || e.disabled || e.readOnly) return false;
      if (e.maxLength >= 0 && text.length > e.maxLength) return false;
      e.value = text;
      const fits = e.value === text;
      e.value = kept;
      if (!fits) return false;
      focus(e);
      if (e.disabled) return true;  // the page closed it as it was entered
      e.value = text;
      ['input', 'keyup', 'change'].forEach(name => told(e, name));
      return true;
    },
    select(e, option) {
      const index = e.options ? [...e.options].findIndex(o => words(o.text) === option) : -1;
      if (index < 0 || e.disabled) return false;
      focus(e);
      e.selectedIndex = index;
      ['input', 'change'].forEach(name => told(e, name));
      return true;
    },
    press(e, name) { key(e, name); return true; },
  };

  function act(name, number, argument) {
    const target = name === 'press' ? document.activeElement : listed[number - 1];
    if (!target || !acts[name](target, argument)) return null;
    settle();
    return read();
  }

  return {begin: begin, act: act};
})();
