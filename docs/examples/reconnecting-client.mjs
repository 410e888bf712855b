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
const RETRIABLE = new Set(['BUSY', 'STORE_UNAVAILABLE', 'OUTCOME_UNKNOWN', 'NOT_REPLICATED']);
// ... and these would be the same on another connection.
const FINAL = new Set(['NOT_PARTICIPANT', 'ROOM_NOT_FOUND', 'FORBIDDEN', 'SESSION_REPLACED']);

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class RoomClient {
    /** The number of the last message that was passed on: what follows it is missing. */
    #last;
    /** Texts without an answer, by tempId, in the order in which they were sent. */
    #unanswered = new Map();
    /** Whether the session tells of answers, so that sends may go out. */
    #isReady = false;
    /** How long a gateway that stopped asked to stay away, ms. */
    #stayAway = 0;
    #token = null;

    /**
     * `token` gives a promise of an access token that is valid, renewed where need be. `onMessage` gets each message
     * once, in order, as the history has it. `onRefused` is told the code that ended it. `last` is the number of the
     * last message that was shown; without it the newest page comes first.
     */
    constructor({ server, room, token, onMessage, onRefused = () => {}, last = null }) {
        Object.assign(this, { server, room, token, onMessage, onRefused });
        this.#last = last;
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
                this.#isReady = false;
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
        if (this.#isReady) this.#transmit(tempId);
        return tempId;
    }

    async #prepare() {
        await sleep(this.#stayAway);
        // What is thrown here would end the reconnecting.
        while (this.client.active) {
            try {
                this.#token = await this.token();
                this.client.connectHeaders = { Authorization: `Bearer ${this.#token}` };
                if (this.#last === null) await this.#readNewestPage();
                return;
            } catch (error) {
                if (FINAL.has(error.message)) this.#refused(error.message);
                else await sleep(1000 + Math.random() * 4000);
            }
        }
    }

    async #readNewestPage() {
        const headers = this.client.connectHeaders;
        const answer = await (await fetch(`${this.server}/api/v1/chatrooms/${this.room}/messages`, { headers })).json();
        if (!answer.success) throw new Error(answer.error.code);
        this.#last = 0;
        answer.data.items.reverse().forEach((message) => this.#passOn(message));
    }

    #connected() {
        // Before anything is sent, so that no answer is missed.
        const receipt = crypto.randomUUID();
        this.client.watchForReceipt(receipt, () => {
            this.#isReady = true;
            for (const tempId of this.#unanswered.keys()) this.#transmit(tempId);
        });
        const status = (frame) => this.#status(JSON.parse(frame.body));
        this.client.subscribe(`/topic/message/status/${this.room}`, status, { receipt });
        // First comes everything after the last message, then what is new.
        const live = (frame) => this.#live(frame.headers.event, JSON.parse(frame.body));
        this.client.subscribe(`/topic/messages/${this.room}`, live, { 'last-seq': String(this.#last) });
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
        // That one's place in the room has ended is told here, too, without a tempId.
        if (!this.#unanswered.has(tempId) || status === 'SENDING') return;
        if (RETRIABLE.has(errorCode)) {
            setTimeout(() => this.#isReady && this.#unanswered.has(tempId) && this.#transmit(tempId), 1000);
            return;
        }
        const text = this.#unanswered.get(tempId);
        this.#unanswered.delete(tempId);
        if (status === 'FAILED') console.error(`not sent (${errorCode}): ${text}`);
    }

    #live(event, body) {
        switch (event) {
            case 'SUBSCRIPTION_ENDED': return this.#refused(body.code);
            // The room delivers, from here on: the number that was asked for, unless the room has lost it.
            case 'RESUMED': this.#last = body.fromSeq; return;
            default: this.#passOn(body);
        }
    }

    #passOn(message) {
        // Nothing comes twice; where it did, it would not be shown twice.
        if (message.seq <= this.#last) return;
        this.#last = message.seq;
        this.onMessage(message);
    }

    #refused(code) {
        this.stop();
        this.onRefused(code);
    }
}
