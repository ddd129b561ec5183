import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A partner that is no link, with Kafka's own client and nothing but schemas/README.md to go by.
 *
 *   Foreign send BROKERS CHAIN TEAM PROVIDER FACILITY   raises a call in structured mode; prints its id
 *   Foreign read BROKERS CHAIN TEAM PROVIDER CALL...    reads feedback and events until these calls are closed
 */
public class Foreign {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Version 7 (RFC 9562): the time in milliseconds, then chance. */
    static UUID uuid7() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = System.currentTimeMillis() << 16 | 0x7000 | random.nextInt(0x1000);
        long low = 0x8000000000000000L | random.nextLong() >>> 2;
        return new UUID(high, low);
    }

    /** The key and Java's own partitioner put the record where it belongs. */
    static void send(String brokers, String chain, String team, String provider, String facility) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", brokers);
        properties.put("acks", "all");
        properties.put("key.serializer", StringSerializer.class.getName());
        properties.put("value.serializer", StringSerializer.class.getName());
        String call = uuid7().toString();
        String event = JSON.writeValueAsString(Map.ofEntries(
                Map.entry("specversion", "1.0"),
                Map.entry("id", uuid7().toString()),
                Map.entry("source", "/" + chain + "/" + team),
                Map.entry("type", "schakel.work.raise"),
                Map.entry("dataschema", "schakel:work.raise/1.0"),
                Map.entry("datacontenttype", "application/json"),
                Map.entry("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString()),
                Map.entry("callid", call),
                Map.entry("actor", "java-tool"),
                Map.entry("data", Map.of("to", provider, "type", "incident", "facility", facility, "need", "From Java."))));
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(properties)) {
            ProducerRecord<String, String> record = new ProducerRecord<>(chain + "." + team + ".work", call, event);
            record.headers().add("content-type", "application/cloudevents+json; charset=UTF-8".getBytes(StandardCharsets.UTF_8));
            RecordMetadata where = producer.send(record).get();
            System.err.println("sent to " + where);
        }
        System.out.println(call);
    }

    static String header(ConsumerRecord<String, String> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    static void require(boolean isSo, String sentence, ConsumerRecord<String, String> record) {
        if (!isSo)
            throw new IllegalStateException(sentence + ": " + record);
    }

    /** What schemas/README.md promises of every feedback; true when it was the last one of a call that was completed. */
    static boolean feedback(ConsumerRecord<String, String> record, Map<String, Long> last, String source) throws Exception {
        JsonNode data = JSON.readTree(record.value());
        String call = header(record, "ce_callid");
        String type = header(record, "ce_type");
        long seqno = Long.parseLong(header(record, "ce_seqno"));
        require("1.0".equals(header(record, "ce_specversion")), "specversion", record);
        require(source.equals(header(record, "ce_source")), "source", record);
        require(record.key().equals(header(record, "ce_replykey")), "the key is the reply key", record);
        require((call + "/f/" + seqno).equals(header(record, "ce_id")), "id", record);
        require(seqno == last.getOrDefault(call, 0L) + 1, "seqnos count from 1", record);
        require(data.get("standing").get("state").isTextual(), "standing", record);
        Instant.parse(header(record, "ce_time"));
        last.put(call, seqno);
        System.out.println("feedback " + call + " " + type + " " + data.get("standing").get("state").asText());
        if (!type.equals("schakel.feedback.closed"))
            return false;
        require(data.get("outcome").asText().equals("completed"), "outcome", record);
        return true;
    }

    /** Whether it says that a record of `work` was done. */
    static boolean event(ConsumerRecord<String, String> record, String source) throws Exception {
        JsonNode data = JSON.readTree(record.value());
        String type = header(record, "ce_type");
        require(type.startsWith("schakel.event."), "an event", record);
        require(source.equals(header(record, "ce_source")), "source", record);
        require(record.key().equals(header(record, "ce_callid")), "the key is the call", record);
        require(data.has("now") && data.has("cause") && data.has("n"), "members", record);
        if (!type.equals("schakel.event.outcome"))
            return false;
        require(data.get("status").asText().equals("done"), "the work was done", record);
        System.out.println("event " + record.key() + " outcome " + data.get("status").asText());
        return true;
    }

    static void read(String brokers, String chain, String team, String provider, Set<String> calls) throws Exception {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", brokers);
        properties.put("group.id", chain + "." + team + ".a-tool-in-java");
        properties.put("isolation.level", "read_committed");
        properties.put("auto.offset.reset", "earliest");
        properties.put("key.deserializer", StringDeserializer.class.getName());
        properties.put("value.deserializer", StringDeserializer.class.getName());
        String feedback = chain + "." + team + ".feedback." + provider;
        Set<String> closed = new HashSet<>(), done = new HashSet<>();
        Map<String, Long> last = new HashMap<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(properties)) {
            consumer.subscribe(List.of(feedback, chain + "." + team + ".events"));
            while (!closed.containsAll(calls) || !done.containsAll(calls)) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.topic().equals(feedback)) {
                        if (feedback(record, last, "/" + chain + "/" + provider))
                            require(closed.add(header(record, "ce_callid")), "closed once", record);
                    } else if (event(record, "/" + chain + "/" + team)) {
                        require(done.add(record.key()), "done once", record);
                    }
                }
            }
        }
        System.out.println("all closed");
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 6 && arguments[0].equals("send"))
            send(arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
        else
            read(arguments[1], arguments[2], arguments[3], arguments[4],
                    Set.of(List.of(arguments).subList(5, arguments.length).toArray(new String[0])));
    }
}
