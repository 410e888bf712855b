// A chat client that survives the loss of its connection, on @stomp/stompjs 7.1 or later; in browsers, and in Node with
// a global WebSocket. docs/clients.md says what it does and why.
//
//     const client = new RoomClient({
//         server: 'https://chat.example.com', room, token: async () => accessToken(),
//         onMessage: (message) => show(message), onRefused: (code) => leave(code),
//     });
//     client.start();
//     client.send('Hello');

import { Client, ReconnectionTimeMode } from '@stomp/stompjs';

// Codes of docs/errors.md. A send that ends with one of these is to be tried again with the same tempId ...
const RETRIABLE = new Set(['BUSY', 'STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN']);
// ... and these would be the same on another connection.
const FINAL = new Set(['NOT_PARTICIPANT', 'ROOM_NOT_FOUND', 'FORBIDDEN']);

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class RoomClient {
    /** The number of the last message that was passed on: what follows it is missing. */
    #last = 0;
    /** Messages that came live behind a hole, by number. */
    #held = new Map();
    /** Texts without an answer, by tempId, in the order in which they were sent. */
    #unanswered = new Map();
    #looking = false;
    #lookUntil = 0;
    /** How long a gateway that stopped asked to stay away, ms. */
    #stayAway = 0;
    #token = null;

    /**
     * `token` gives a promise of an access token that is valid, renewed where need be. `onMessage` gets each message
     * once, in order, as the history has it. `onRefused` is told the code that ended it.
     */
    constructor({ server, room, token, onMessage, onRefused = () => {} }) {
        Object.assign(this, { server, room, token, onMessage, onRefused });
        this.client = new Client({
            brokerURL: `${server.replace(/^http/, 'ws')}/ws/chat`,
            heartbeatIncoming: 10_000,
            heartbeatOutgoing: 10_000,
            // Not all at once, where many have lost their gateway; and ever slower, where it stays away.
            reconnectDelay: 250 + Math.random() * 750,
            reconnectTimeMode: ReconnectionTimeMode.EXPONENTIAL,
            maxReconnectDelay: 30_000,
            beforeConnect: () => this.#prepare(),
            onConnect: () => this.#connected(),
            onStompError: (frame) => {
                if (FINAL.has(frame.headers.message)) this.#refused(frame.headers.message);
            },
            onWebSocketClose: (event) => {
                const asked = /^retry-after-ms=(\d+)$/.exec(event.reason ?? '');
                this.#stayAway = asked ? Number(asked[1]) : 0;
            },
        });
    }

    start() {
        this.client.activate();
        // Before the token expires the session gets the next one: it is told when `token` gives another.
        this.renewing = setInterval(() => this.#renew(), 30_000);
    }

    async stop() {
        clearInterval(this.renewing);
        await this.client.deactivate();
    }

    /** The message goes out now, or when there is a connection, again if need be, until it is answered. */
    send(text) {
        const tempId = crypto.randomUUID();
        this.#unanswered.set(tempId, text);
        if (this.client.connected) this.#transmit(tempId);
        return tempId;
    }

    async #prepare() {
        await sleep(this.#stayAway);
        // What is thrown here would end the reconnecting.
        for (;;) {
            try {
                this.#token = await this.token();
                break;
            } catch {
                await sleep(1000 + Math.random() * 4000);
            }
        }
        this.client.connectHeaders = { Authorization: `Bearer ${this.#token}` };
    }

    #connected() {
        this.client.subscribe(`/topic/message/status/${this.room}`, (frame) => this.#status(JSON.parse(frame.body)));
        // First the subscriptions, then the history: what is said in between is held, not missed.
        const receipt = crypto.randomUUID();
        this.client.watchForReceipt(receipt, () => this.#resume());
        this.client.subscribe(`/topic/messages/${this.room}`, (frame) => this.#live(frame), { receipt });
    }

    #resume() {
        for (const tempId of this.#unanswered.keys()) this.#transmit(tempId);
        // What was said meanwhile may not be stored yet: the history is asked again for a while, and later whenever a
        // number is missing before one that came live.
        this.#lookUntil = Date.now() + 10_000;
        this.#look();
    }

    #transmit(tempId) {
        const content = { text: this.#unanswered.get(tempId), type: 'TEXT' };
        this.#publish('/app/chat', { roomId: this.room, tempId, content });
    }

    #publish(destination, body) {
        const headers = { 'content-type': 'application/json' };
        this.client.publish({ destination, headers, body: JSON.stringify(body) });
    }

    async #renew() {
        const token = await this.token().catch(() => this.#token);
        if (token === this.#token || !this.client.connected) return;
        this.#token = token;
        this.#publish('/app/auth', { token });
    }

    #status({ tempId, status, errorCode }) {
        if (!this.#unanswered.has(tempId) || status === 'SENDING') return;
        if (RETRIABLE.has(errorCode)) {
            setTimeout(() => this.client.connected && this.#unanswered.has(tempId) && this.#transmit(tempId), 1000);
            return;
        }
        const text = this.#unanswered.get(tempId);
        this.#unanswered.delete(tempId);
        if (status === 'FAILED') console.error(`not sent (${errorCode}): ${text}`);
    }

    #live(frame) {
        const body = JSON.parse(frame.body);
        if (frame.headers.event === 'SUBSCRIPTION_ENDED') {
            this.#refused(body.code);
            return;
        }
        this.#held.set(body.seq, body);
        this.#release();
        if (this.#held.size > 0) this.#look();
    }

    /** Passes on what is stored behind the last message. What the history skips was never said. */
    async #look() {
        if (this.#looking) return;
        this.#looking = true;
        try {
            for (let after = this.#last; after !== null; ) {
                const page = await this.#get(`/chatrooms/${this.room}/messages?after=${after}&limit=100`);
                page.items.forEach((message) => this.#passOn(message));
                after = page.nextCursor;
            }
            this.#release();
        } catch (error) {
            console.error(`the history can not be read: ${error.message}`);
        } finally {
            this.#looking = false;
        }
        const isOpen = this.#held.size > 0;
        if (this.client.connected && (isOpen || Date.now() < this.#lookUntil)) {
            setTimeout(() => this.#look(), isOpen ? 250 : 1000);
        }
    }

    async #get(path) {
        const headers = { Authorization: `Bearer ${await this.token()}` };
        const answer = await (await fetch(`${this.server}/api/v1${path}`, { headers })).json();
        if (!answer.success) throw new Error(answer.error.code);
        return answer.data;
    }

    /** Passes on what is held and next in line. */
    #release() {
        for (const seq of this.#held.keys()) if (seq <= this.#last) this.#held.delete(seq);
        for (let next; (next = this.#held.get(this.#last + 1)); ) {
            this.#held.delete(next.seq);
            this.#passOn(next);
        }
    }

    #passOn(message) {
        if (message.seq <= this.#last) return;
        this.#last = message.seq;
        this.onMessage(message);
    }

    #refused(code) {
        this.stop();
        this.onRefused(code);
    }
}
