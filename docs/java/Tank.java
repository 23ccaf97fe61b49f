import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tanks that fill and empty, as a simulator for simrun and mosaik. It speaks version 3 of the mosaik API
 * and needs nothing but Java 17:
 *
 * <pre>java Tank.java HOST:PORT</pre>
 *
 * A frame is its length in four bytes, most significant first, and that many bytes of JSON, UTF-8:
 * [type, id, content]. Type 0 asks, with the content [method, [arguments], {named arguments}]; type 1 answers
 * the question of that id; type 2 says that it failed, with the content [kind, message].
 */
public class Tank {
    private static final String META = """
        {"api_version": "3.0", "type": "time-based", "extra_methods": ["drain"], "models": {
          "Tank": {"public": true, "params": ["area", "level"], "attrs": ["inflow", "level"]}}}""";

    /** One tank: area in m2, level in m. */
    private static class Entity {
        double area, level;
    }

    private final Map<String, Entity> tanks = new LinkedHashMap<>();
    private long stepSize = 60;
    private double resolution = 1; // seconds in a unit of time
    private long last;

    private Object init(List<Object> args, Map<String, Object> kwargs) {
        resolution = number(kwargs.getOrDefault("time_resolution", 1.0));
        stepSize = (long) number(kwargs.getOrDefault("step_size", 60L));
        return Json.read(META);
    }

    private Object create(List<Object> args, Map<String, Object> kwargs) {
        List<Object> made = new ArrayList<>();
        for (long n = (Long) args.get(0); n > 0; n--) {
            Entity tank = new Entity();
            tank.area = number(kwargs.getOrDefault("area", 1.0));
            tank.level = number(kwargs.getOrDefault("level", 0.0));
            if (tank.area <= 0) {
                throw new IllegalArgumentException("the area " + tank.area + " m2 must be above 0");
            }
            String id = "Tank-" + tanks.size();
            tanks.put(id, tank);
            made.add(Json.object("eid", id, "type", args.get(1)));
        }
        return made;
    }

    /** Inputs are {entity: {attribute: {source: value}}}; an inflow in m3/s for the time since the last step. */
    private Object step(List<Object> args, Map<String, Object> kwargs) {
        long time = (Long) args.get(0);
        double seconds = (time - last) * resolution;
        last = time;
        Json.map(args.get(1)).forEach((id, attrs) -> {
            Entity tank = tanks.get(id);
            for (Object flow : Json.map(Json.map(attrs).get("inflow")).values()) {
                tank.level += number(flow) * seconds / tank.area;
            }
        });
        return time + stepSize;
    }

    /** What is asked for is {entity: [attribute, ...]}. */
    private Object getData(List<Object> args, Map<String, Object> kwargs) {
        Map<String, Object> data = new LinkedHashMap<>();
        for (String id : Json.map(args.get(0)).keySet()) {
            data.put(id, Json.object("level", tanks.get(id).level));
        }
        return data;
    }

    /** A method of its own, beside those of the API: empties a tank and returns what was in it, in m3. */
    private Object drain(List<Object> args, Map<String, Object> kwargs) {
        Entity tank = tanks.get((String) args.get(0));
        double volume = tank.level * tank.area;
        tank.level = 0;
        return volume;
    }

    private Object answer(String method, List<Object> args, Map<String, Object> kwargs) {
        switch (method) {
            case "init": return init(args, kwargs);
            case "create": return create(args, kwargs);
            case "setup_done": return null;
            case "step": return step(args, kwargs);
            case "get_data": return getData(args, kwargs);
            case "drain": return drain(args, kwargs);
            default: throw new IllegalArgumentException("there is no method " + method);
        }
    }

    public static void main(String[] args) throws IOException {
        String address = args[args.length - 1];
        int colon = address.lastIndexOf(':');
        try (Socket socket = new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
            socket.setTcpNoDelay(true);
            new Tank().serve(new DataInputStream(new BufferedInputStream(socket.getInputStream())),
                new DataOutputStream(new BufferedOutputStream(socket.getOutputStream())));
        }
    }

    /** Answers one question after the other, until it is asked to stop. */
    private void serve(DataInputStream in, DataOutputStream out) throws IOException {
        while (true) {
            byte[] frame;
            try {
                frame = in.readNBytes(in.readInt());
            } catch (EOFException end) {
                throw new IOException("the connection was closed without stop", end);
            }
            List<Object> question = Json.list(Json.read(new String(frame, StandardCharsets.UTF_8)));
            List<Object> content = Json.list(question.get(2));
            String method = (String) content.get(0);
            if (method.equals("stop")) {
                return;
            }
            List<Object> reply = new ArrayList<>();
            try {
                Object result = answer(method, Json.list(content.get(1)), Json.map(content.get(2)));
                reply.addAll(java.util.Arrays.asList(1L, question.get(1), result));
            } catch (RuntimeException e) {
                reply.addAll(List.of(2L, question.get(1), List.of(e.getClass().getSimpleName(), String.valueOf(e.getMessage()))));
            }
            byte[] text = Json.write(reply).getBytes(StandardCharsets.UTF_8);
            out.writeInt(text.length);
            out.write(text);
            out.flush();
        }
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }

    /** As much JSON as is needed, in the dialect of Python: NaN and Infinity are numbers. */
    private static class Json {
        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        static Object read(String text) {
            return new Json(text).value();
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> map(Object value) {
            return value == null ? Map.of() : (Map<String, Object>) value;
        }

        @SuppressWarnings("unchecked")
        static List<Object> list(Object value) {
            return (List<Object>) value;
        }

        static Map<String, Object> object(Object... pairs) {
            Map<String, Object> made = new LinkedHashMap<>();
            for (int i = 0; i < pairs.length; i += 2) {
                made.put((String) pairs[i], pairs[i + 1]);
            }
            return made;
        }

        private char next() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private boolean take(char c) {
            boolean found = next() == c;
            at += found ? 1 : 0;
            return found;
        }

        private Object value() {
            if (take('{')) {
                Map<String, Object> made = new LinkedHashMap<>();
                while (!take('}')) {
                    take(',');
                    next();
                    String key = string();
                    take(':');
                    made.put(key, value());
                }
                return made;
            }
            if (take('[')) {
                List<Object> made = new ArrayList<>();
                while (!take(']')) {
                    take(',');
                    if (next() != ']') {
                        made.add(value());
                    }
                }
                return made;
            }
            if (next() == '"') {
                return string();
            }
            int from = at;
            while (at < text.length() && ",]} \n\t\r".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            String word = text.substring(from, at);
            switch (word) {
                case "null": return null;
                case "true": return true;
                case "false": return false;
                default: return word.matches("-?\\d{1,18}") ? (Object) Long.valueOf(word) : Double.valueOf(word);
            }
        }

        private String string() {
            StringBuilder made = new StringBuilder();
            for (at++; text.charAt(at) != '"'; at++) {
                char c = text.charAt(at);
                if (c == '\\') {
                    c = text.charAt(++at);
                    if (c == 'u') {
                        c = (char) Integer.parseInt(text.substring(at + 1, at + 5), 16);
                        at += 4;
                    } else {
                        int known = "bfnrt".indexOf(c);
                        c = known < 0 ? c : "\b\f\n\r\t".charAt(known);
                    }
                }
                made.append(c);
            }
            at++;
            return made.toString();
        }

        static String write(Object value) {
            if (value instanceof Map) {
                List<String> parts = new ArrayList<>();
                map(value).forEach((key, item) -> parts.add(write(key) + ": " + write(item)));
                return "{" + String.join(", ", parts) + "}";
            }
            if (value instanceof List) {
                List<String> parts = new ArrayList<>();
                list(value).forEach(item -> parts.add(write(item)));
                return "[" + String.join(", ", parts) + "]";
            }
            if (!(value instanceof String)) {
                return String.valueOf(value); // null, true, 1, 1.5, NaN
            }
            StringBuilder made = new StringBuilder("\"");
            for (char c : ((String) value).toCharArray()) {
                made.append(c == '"' || c == '\\' ? "\\" + c : c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
            }
            return made.append('"').toString();
        }
    }
}
