// The page's own script: clicks and forms become events, answers become parts of the page, and the address bar
// follows the search. Gradio runs it once, as the body of a function of `element`, `trigger` and others.

const root = document.documentElement;
const home = element.closest('.gradio-container');
const part = name => document.getElementById(`zc-${name}`);
const slot = name => part(name).querySelector('.zc-slot');
const sheets = {};
let language;
let words;

// Asking ------------------------------------------------------------------------------------------------------

let token = null;

async function getToken() {
  const response = await fetch('../page/visit');
  if (!response.ok) throw await refusal(response);
  token = (await response.json()).token;
}

async function refusal(response) {
  const {error} = await response.json().catch(() => ({error: null}));
  const known = {413: 'too_large', 429: 'busy', 503: 'busy'};
  return Object.assign(new Error(), {code: known[response.status] ?? 'failed', reason: error?.code});
}

async function post(event, asked, signal) {
  for (let attempt = 1; ; attempt++) {
    if (token === null) await getToken();
    const response = await fetch(`../page/${language}/${event}`, {
      method: 'POST',
      headers: {'Content-Type': 'application/json', 'X-Zhclip-Token': token},
      body: JSON.stringify({at: location.search, ...asked}),
      signal,
    });
    if (response.ok) return response.json();
    const error = await refusal(response);
    if (attempt > 3) throw error;
    if (error.reason === 'no_token') token = null;  // zhclip was started anew
    else if (error.code === 'busy') await new Promise(resolve => setTimeout(resolve, 700 * attempt));
    else throw error;
  }
}

function failure(error) {
  const code = error.code && typeof error.code === 'string' ? error.code : 'away';
  return home.querySelector('.zc-failures-template').content.querySelector(`[data-code=${code}]`).innerHTML;
}

// Searching ---------------------------------------------------------------------------------------------------

let turn = 0;
let asking = null;
let hasAnswer = false;

// What is asked for last is what counts; `place` is where in the page it is to be looked at.
async function ask(event, asked, place = null) {
  asking?.abort();
  const mine = asking = new AbortController();
  root.setAttribute('data-busy', '');
  let answer;
  try {
    answer = await post(event, asked, mine.signal);
  } catch (error) {
    if (mine.signal.aborted) return;
    answer = {results: failure(error)};
  }
  if (asking !== mine) return;
  asking = null;
  if ('refused' in answer) showRefused(answer.refused);
  else render(answer, place);
  root.removeAttribute('data-busy');
  root.dataset.turn = ++turn;
}

function render(answer, place) {
  for (const name of ['panel', 'results']) if (name in answer) slot(name).innerHTML = answer[name];
  if ('filters' in answer) {
    const wasOpen = slot('filters').querySelector('details')?.open && answer.close !== 'filters';
    slot('filters').innerHTML = answer.filters;
    slot('filters').querySelector('details').open = wasOpen;
  }
  if ('box' in answer) fill(answer.box);
  const panel = slot('panel').querySelector('.zc-panel');
  if (panel) {
    root.toggleAttribute('data-asked', panel.dataset.at !== '');
    const isNew = panel.dataset.at !== location.search;
    if (isNew && hasAnswer && place === null) history.pushState(null, '', location.pathname + panel.dataset.at);
    else if (isNew) history.replaceState(history.state, '', location.pathname + panel.dataset.at);
    if (isNew && place === null) place = {y: Math.min(scrollY, element.offsetTop)};
  }
  hasAnswer = true;
  if (place) scrollTo(0, place.y ?? 0);
  remember();
}

function fill(text) {
  root.zcBox = {text, files: []};
  trigger('change');
}

function showRefused(message) {
  const form = slot('filters').querySelector('form');
  form.closest('details').open = true;
  form.querySelector('.zc-refused').innerHTML = message;
}

async function more(button) {
  const isAll = button.dataset.more === 'anything';
  const grid = part('grid');
  const asked = {offset: Number(grid.dataset.next), count: Number(grid.dataset.next), anything: isAll};
  button.disabled = true;
  let answer;
  try {
    answer = await post('more', asked);
  } catch (error) {
    answer = {refused: failure(error)};
  }
  if (part('grid') !== grid) return;  // something else was searched for meanwhile
  const end = grid.parentElement.querySelector('.zc-more');
  if ('refused' in answer) {
    end.querySelector('.zc-refused')?.remove();
    end.insertAdjacentHTML('beforeend', `<div class="zc-refused" role="alert">${answer.refused}</div>`);
    button.disabled = false;
    return;
  }
  const page = document.createElement('ol');
  page.innerHTML = answer.hits;
  const shown = new Set(Array.from(grid.children, hit => hit.dataset.id));
  const added = Array.from(page.children).filter(hit => !shown.has(hit.dataset.id));
  grid.append(...added);
  grid.dataset.next = answer.next;
  end.outerHTML = answer.button;
  added[0]?.querySelector('a').focus({preventScroll: true});
  if (isAll) {
    slot('panel').innerHTML = answer.panel;
    history.replaceState(null, '', location.pathname + slot('panel').querySelector('.zc-panel').dataset.at);
  }
  remember();
}

// Each entry of the browser's history knows where one was and how many hits there were.
function remember() {
  if (!hasAnswer || root.hasAttribute('data-busy') && asking) return;
  const shown = Number(part('grid')?.dataset.next ?? 0);
  history.replaceState({y: scrollY, shown}, '');
}

function open(more = {}) {
  const {y = 0, shown = 0} = history.state ?? {};
  ask('act', {do: 'open', count: Math.min(shown, 960), ...more}, {y});
}

// Sheets ------------------------------------------------------------------------------------------------------

// They are dialogs around the components that hold their content.
function makeSheet(name) {
  const dialog = document.createElement('dialog');
  const content = part(name);
  content.before(dialog);
  dialog.className = 'zc-dialog';
  dialog.append(home.querySelector('.zc-close-template').content.cloneNode(true), content);
  dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener('close', () => {
    // Pictures that were added meanwhile belong on the page.
    if (dialog.dataset.changed) { delete dialog.dataset.changed; remember(); open(); }
  });
  sheets[name] = dialog;
}

let sheetTurn = 0;

async function show(name, event, asked) {
  const mine = ++sheetTurn;
  const dialog = sheets[name];
  dialog.toggleAttribute('data-waiting', event !== 'library' || !dialog.open);
  if (!dialog.open) dialog.showModal();
  let answer;
  try {
    answer = await post(event, asked);
  } catch (error) {
    answer = {sheet: failure(error)};
  }
  if (mine !== sheetTurn) return;
  slot(name).innerHTML = answer.sheet;
  dialog.removeAttribute('data-waiting');
  if (answer.again) setTimeout(() => { if (dialog.open && mine === sheetTurn) show(name, 'library', {}); }, 400);
}

// Clicks and forms --------------------------------------------------------------------------------------------

function onClick(event) {
  const target = event.target.closest('[data-do], [data-sheet], [data-more], [data-close], [data-copy], .zc-language');
  if (!target) return;
  const data = {...target.dataset};
  if (target.matches('.zc-language')) {
    target.href = target.getAttribute('href').split('?')[0] + location.search;
  } else if ('close' in data) {
    target.closest('dialog').close();
  } else if ('copy' in data) {
    navigator.clipboard.writeText(data.copy).then(() => { target.textContent = data.done; });
  } else if ('more' in data) {
    more(target);
  } else if (data.sheet === 'library') {
    show('library', 'library', {});
  } else if (data.sheet) {
    show('sheet', data.sheet === 'why' ? 'why' : 'folder', {id: data.id});
  } else {
    remember();
    ask('act', data);
  }
}

function onSubmit(event) {
  const form = event.target.closest('[data-form]');
  if (!form) return;
  event.preventDefault();
  const values = Object.fromEntries(new FormData(form));
  remember();
  if (form.dataset.form === 'filter') {
    ask('act', {do: 'filter', values});
  } else if (form.dataset.form === 'add-folder') {
    sheets.library.dataset.changed = '1';
    show('library', 'add_folder', values);
  } else if (values.text.trim()) {
    ask('act', {do: form.dataset.form, ...values});
    form.reset();
  }
}

function onSend(event) {
  const {text, files} = event.detail;
  remember();
  ask('send', {text, pictures: files.map(file => ({id: file.path, name: file.orig_name ?? ''}))});
}

// What the service would refuse is not sent.
function onFiles(event) {
  const files = event.target.files ?? event.dataTransfer?.files ?? event.clipboardData?.files ?? [];
  if (Array.from(files).reduce((sum, file) => sum + file.size, 0) <= Number(words.most)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.type === 'change') event.target.value = '';
  slot('results').innerHTML = failure({code: 'too_large'});
}

async function begin() {
  const parts = ['sheet', 'library', 'filters', 'results', 'panel'];
  while (!parts.every(name => part(name) && slot(name)) || !part('box') || !home.querySelector('.zc-header')) {
    await new Promise(requestAnimationFrame);
  }
  words = home.querySelector('.zc-header').dataset;
  language = words.language;
  history.scrollRestoration = 'manual';
  ['sheet', 'library'].forEach(makeSheet);
  home.addEventListener('click', onClick);
  home.addEventListener('submit', onSubmit);
  document.addEventListener('zc-send', onSend);
  for (const kind of ['change', 'drop', 'paste']) part('box').addEventListener(kind, onFiles, true);
  let waiting;
  addEventListener('scroll', () => { clearTimeout(waiting); waiting = setTimeout(remember, 120); }, {passive: true});
  addEventListener('popstate', () => { clearTimeout(waiting); open(); });
  open({fresh: true});
}
begin();
