// The head above the messages: the conversation, its topic, and the state of the connection.

import { join, leave, setTopic } from './actions.js';
import { byId, lazily, phraseNodes } from './dom.js';
import { onDemand } from './on-demand.js';
import { perform } from './perform.js';
import { retryNow } from './session.js';
import { store } from './store.js';
import { isolated } from './words.js';

const topic = byId('topic');
const topicForm = byId('topic-form');
const topicInput = byId('topic-input');

const drawHead = lazily(() => {
  const { active } = store;
  byId('title').replaceChildren(...phraseNodes(active ? titleNodes(active) : 'Chat'));
  topic.hidden = !active?.isChannel || !topicForm.hidden;
  topic.textContent = active?.topic || 'No topic yet';
  topic.title = active?.topic ? `${isolated(active.topic)} – click to edit` : 'Click to set a topic';
  topic.disabled = !active?.joined;
  byId('not-joined-text').textContent = active?.banned
    ? 'You are banned from this channel.'
    : 'You are not in this channel any more.';
  byId('settings').hidden = !active?.isChannel || !active.joined;
  byId('pins').hidden = byId('settings').hidden;
  const leaving = byId('leave');
  leaving.hidden = !active;
  leaving.textContent = active?.isChannel && active.joined ? 'Leave' : 'Close';
  leaving.setAttribute('aria-label', active ? `${leaving.textContent} ${isolated(active.title)}` : '');
});

const titleNodes = ({ isChannel, title }) =>
  isChannel ? ['#', { value: title.slice(1) }] : ['', { value: title }];

function editTopic() {
  topicForm.hidden = false;
  topic.hidden = true;
  topicInput.value = store.active.topic ?? '';
  topicInput.select();
}

function closeTopic() {
  if (topicForm.hidden) return;
  topicForm.hidden = true;
  drawHead();
}

async function saveTopic(event) {
  event.preventDefault();
  const channel = store.active;
  const text = topicInput.value.trim();
  closeTopic();
  byId('composer').focus();
  if (text !== (channel.topic ?? '')) await perform(setTopic(channel, text));
}

const openPins = onDemand(async () => {
  const { openPins: open, startPins } = await import('./pins-dialog.js');
  startPins();
  return open;
});

const openSettings = onDemand(async () => {
  const { openSettings: open, startSettings } = await import('./settings-dialog.js');
  startSettings();
  return open;
});

let reason = '';

function drawConnection() {
  const { state, retryAt, detail } = store.connection;
  const status = byId('status');
  const fetching = store.channels().some((channel) => channel.held !== null);
  status.dataset.state = state;
  status.dataset.ready = String(state === 'online' && !fetching);
  const words = { online: 'Online', connecting: 'Connecting…', offline: 'Offline' }[state];
  if (byId('status-text').textContent !== words) byId('status-text').textContent = words;
  if (state === 'online') reason = '';

  byId('banner').hidden = state === 'online' || store.me === null;
  byId('retry-now').hidden = state !== 'offline';
  byId('other-name').hidden = detail !== 'taken';
  let text = 'Connecting…';
  if (detail === 'taken') {
    text = `The server still holds the name ${isolated(store.me)} for your old connection. Waiting for it…`;
  } else if (retryAt) {
    const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
    text = `${reason || 'The connection is lost.'} Trying again in ${seconds} s.`;
  }
  if (byId('banner-text').textContent !== text) byId('banner-text').textContent = text;
}

export function startHead({ chooseName }) {
  store.on('active topic me list', drawHead);
  store.on('active', closeTopic);
  store.on('connection timeline list', lazily(drawConnection));
  store.on('reason', (text) => (reason = text));
  setInterval(() => store.connection.retryAt && drawConnection(), 1000);

  topic.addEventListener('click', editTopic);
  topicForm.addEventListener('submit', saveTopic);
  topicInput.addEventListener('blur', () => {
    // A changed topic stays in the field when the focus moves elsewhere.
    if (topicInput.value === (store.active?.topic ?? '')) closeTopic();
  });
  topicInput.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    closeTopic();
    topic.focus();
  });
  store.on('pins', openPins);
  byId('pins').addEventListener('click', () => openPins(store.active));
  byId('settings').addEventListener('click', () => openSettings());
  byId('leave').addEventListener('click', () => perform(leave(store.active)));
  byId('join-again').addEventListener('click', () => {
    perform(join(store.active.name, store.active.password));
  });
  byId('retry-now').addEventListener('click', retryNow);
  byId('other-name').addEventListener('click', chooseName);
}
