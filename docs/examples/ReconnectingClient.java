import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.springframework.messaging.converter.ByteArrayMessageConverter;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.util.MimeTypeUtils;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.messaging.WebSocketStompClient;

/**
 * A chat client that survives the loss of its connection, on Spring 6.1 and Java 17. docs/clients.md says what it does
 * and why.
 *
 * <pre>
 * var client = new ReconnectingClient("http://127.0.0.1:8080", room, this::accessToken, this::show, this::leave);
 * client.start();
 * client.send("Hello");
 * </pre>
 */
public final class ReconnectingClient {
    // Codes of docs/errors.md. A send that ends with one of these is to be tried again with the same tempId ...
    private static final Set<String> RETRIABLE = Set.of("BUSY", "STORE_UNAVAILABLE", "OUTCOME_UNKNOWN", "NOT_REPLICATED");
    // ... and these would be the same on another connection.
    private static final Set<String> FINAL = Set.of("NOT_PARTICIPANT", "ROOM_NOT_FOUND", "FORBIDDEN",
            "SESSION_REPLACED");

    private final String server;
    private final String room;
    private final Supplier<String> token;
    private final Consumer<JsonNode> onMessage;
    private final Consumer<String> onRefused;
    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final ThreadPoolTaskScheduler timers = new ThreadPoolTaskScheduler();
    private final WebSocketStompClient stomp = new WebSocketStompClient(new StandardWebSocketClient());
    // All that follows belongs to this one thread; Spring calls on threads of its own.
    private final ScheduledExecutorService line = Executors.newSingleThreadScheduledExecutor();
    private StompSession session;
    private int failures;
    // Whether the session tells of answers, so that sends may go out.
    private boolean isReady;
    // The number of the last message that was passed on: what follows it is missing. Null before the first.
    private Long last;
    // Texts without an answer, by tempId, in the order in which they were sent.
    private final Map<String, String> unanswered = new LinkedHashMap<>();

    /**
     * @param token gives an access token that is valid, renewed where need be; may block
     * @param onMessage gets each message once, in order, as the history has it
     * @param onRefused is told the code that ended it
     */
    public ReconnectingClient(
            String server, String room, Supplier<String> token, Consumer<JsonNode> onMessage,
            Consumer<String> onRefused) {
        this.server = server;
        this.room = room;
        this.token = token;
        this.onMessage = onMessage;
        this.onRefused = onRefused;
        timers.initialize();
        stomp.setTaskScheduler(timers);
        stomp.setDefaultHeartbeat(new long[] {10_000, 10_000});
        stomp.setMessageConverter(new ByteArrayMessageConverter());
    }

    /** Begins with the newest page of the history. */
    public void start() {
        line.execute(this::connect);
    }

    /** Begins with what follows the message of this number. */
    public void start(long lastShown) {
        line.execute(() -> last = lastShown);
        start();
    }

    public void stop() {
        line.execute(() -> {
            if (session != null && session.isConnected()) session.disconnect();
            timers.shutdown();
            line.shutdownNow();
        });
    }

    /** The message goes out now, or when there is a connection, again if need be, until it is answered. */
    public void send(String text) {
        line.execute(() -> {
            var tempId = UUID.randomUUID().toString();
            unanswered.put(tempId, text);
            if (isReady) transmit(tempId);
        });
    }

    private void connect() {
        var headers = new StompHeaders();
        try {
            var bearer = "Bearer " + token.get();
            headers.set("Authorization", bearer);
            if (last == null) readNewestPage(bearer);
        } catch (Exception error) {
            if (FINAL.contains(String.valueOf(error.getMessage()))) refused(error.getMessage());
            else lost(null);
            return;
        }
        var url = server.replaceFirst("^http", "ws") + "/ws/chat";
        stomp.connectAsync(url, new WebSocketHttpHeaders(), headers, new Events()).exceptionally(error -> {
            post(() -> lost(null));
            return null;
        });
    }

    /** Not all at once, where many have lost their gateway; and ever slower, where it stays away. */
    private void lost(StompSession which) {
        // One loss is told in several ways.
        if (which != session) return;
        session = null;
        isReady = false;
        long most = Math.min(30_000, 500L << Math.min(failures++, 6));
        line.schedule(this::connect, ThreadLocalRandom.current().nextLong(most), TimeUnit.MILLISECONDS);
    }

    private void readNewestPage(String bearer) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(server + "/api/v1/chatrooms/" + room + "/messages"))
                .timeout(Duration.ofSeconds(20)).header("Authorization", bearer).build();
        var answer = json.readTree(http.send(request, HttpResponse.BodyHandlers.ofByteArray()).body());
        if (!answer.get("success").asBoolean()) throw new Exception(answer.at("/error/code").asText());
        last = 0L;
        var newestFirst = answer.at("/data/items");
        for (int index = newestFirst.size() - 1; index >= 0; index--) passOn(newestFirst.get(index));
    }

    private void connected(StompSession connected) {
        session = connected;
        // Before anything is sent, so that no answer is missed.
        var answers = to("/topic/message/status/" + room);
        answers.setReceipt(UUID.randomUUID().toString());
        subscribe(answers, (headers, body) -> status(body)).addReceiptTask(() -> post(() -> {
            isReady = session == connected;
            if (isReady) unanswered.keySet().forEach(this::transmit);
        }));
        // First comes everything after the last message, then what is new.
        var messages = to("/topic/messages/" + room);
        messages.set("last-seq", last.toString());
        subscribe(messages, this::live);
    }

    private static StompHeaders to(String destination) {
        var headers = new StompHeaders();
        headers.setDestination(destination);
        return headers;
    }

    private StompSession.Subscription subscribe(StompHeaders headers, Handler handler) {
        var of = session;
        return session.subscribe(headers, new StompFrameHandler() {
            @Override
            public Type getPayloadType(StompHeaders frame) {
                return byte[].class;
            }

            @Override
            public void handleFrame(StompHeaders frame, Object payload) {
                post(() -> {
                    if (of == session) handler.handle(frame, parse((byte[]) payload));
                });
            }
        });
    }

    private void transmit(String tempId) {
        var body = json.createObjectNode().put("roomId", room).put("tempId", tempId);
        body.putObject("content").put("text", unanswered.get(tempId)).put("type", "TEXT");
        var headers = to("/app/chat");
        headers.setContentType(MimeTypeUtils.APPLICATION_JSON);
        try {
            session.send(headers, json.writeValueAsBytes(body));
        } catch (Exception error) {
            lost(session);
        }
    }

    private void status(JsonNode body) {
        // That one's place in the room has ended is told here, too, without a tempId.
        var tempId = body.path("tempId").asText();
        if (!unanswered.containsKey(tempId) || body.get("status").asText().equals("SENDING")) return;
        var code = body.get("errorCode").asText();
        if (RETRIABLE.contains(code)) {
            line.schedule(() -> {
                if (isReady && unanswered.containsKey(tempId)) transmit(tempId);
            }, 1, TimeUnit.SECONDS);
            return;
        }
        var text = unanswered.remove(tempId);
        if (body.get("status").asText().equals("FAILED")) System.err.println("not sent (" + code + "): " + text);
    }

    private void live(StompHeaders headers, JsonNode body) {
        switch (headers.getFirst("event")) {
            case "SUBSCRIPTION_ENDED" -> refused(body.get("code").asText());
            // The room delivers, from here on: the number that was asked for, unless the room has lost it.
            case "RESUMED" -> {
                last = body.get("fromSeq").asLong();
                failures = 0;
            }
            default -> passOn(body);
        }
    }

    private void passOn(JsonNode message) {
        // Nothing comes twice; where it did, it would not be shown twice.
        if (message.get("seq").asLong() <= last) return;
        last = message.get("seq").asLong();
        onMessage.accept(message);
    }

    private void refused(String code) {
        stop();
        onRefused.accept(code);
    }

    private JsonNode parse(byte[] body) {
        try {
            return json.readTree(body);
        } catch (java.io.IOException error) {
            throw new IllegalArgumentException("the gateway sent what is no JSON", error);
        }
    }

    private void post(Runnable task) {
        if (!line.isShutdown()) line.execute(task);
    }

    private interface Handler {
        void handle(StompHeaders headers, JsonNode body);
    }

    private final class Events extends StompSessionHandlerAdapter {
        @Override
        public void afterConnected(StompSession session, StompHeaders headers) {
            post(() -> connected(session));
        }

        @Override
        public Type getPayloadType(StompHeaders headers) {
            return byte[].class;
        }

        /** Of the session itself come ERROR frames only; the end follows them. */
        @Override
        public void handleFrame(StompHeaders headers, Object payload) {
            var code = headers.getFirst("message");
            post(() -> { if (code != null && FINAL.contains(code)) refused(code); });
        }

        @Override
        public void handleException(
                StompSession session, StompCommand command, StompHeaders headers, byte[] payload, Throwable error) {
            System.err.println("a frame could not be handled: " + error.getMessage());
        }

        @Override
        public void handleTransportError(StompSession session, Throwable error) {
            post(() -> lost(session));
        }
    }
}
