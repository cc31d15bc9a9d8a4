package dev.ringside.bdev;

import dev.ringside.env.reactor.Reactor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A module's channel that all users on one reactor share, under the layers that there are; touched by that reactor only. */
final class SharedChannel {
    private final Reactor reactor;
    private final IoChannel module;
    private final Map<Layering.Place, Layer> layers = new EnumMap<>(Layering.Place.class);
    private final List<BdevChannel> users = new ArrayList<>();
    private Map<Layering.Place, Layering> wanted = Map.of();
    private IoChannel top;
    private boolean closed;

    SharedChannel(IoChannel module, Reactor reactor) {
        this.module = module;
        this.reactor = reactor;
        this.top = module;
    }

    /** What requests are submitted to. */
    IoChannel top() {
        return top;
    }

    void join(BdevChannel user) {
        users.add(user);
    }

    /** Takes a user away; true if it was the last. */
    boolean leave(BdevChannel user) {
        users.remove(user);
        return users.isEmpty();
    }

    void close() {
        closed = true;
        top.close();
    }

    /** Has these layers, and no others, from now on. Those that are not concerned stay as they are. */
    void relayer(Map<Layering.Place, Layering> next) {
        if (closed) {
            return;
        }
        List<BdevIo> held = new ArrayList<>();
        int first = firstDifference(next);
        Layering.Place[] places = Layering.Place.values();
        for (int i = places.length - 1; i >= first; i--) {
            Layer layer = layers.remove(places[i]);
            if (layer != null) {
                layer.withdraw(held::add);
            }
        }
        top = module;
        for (Layering.Place place : places) {
            @Nullable Layering layering = next.get(place);
            if (place.ordinal() >= first && layering != null) {
                layers.put(place, layering.over(top, reactor));
            }
            Layer layer = layers.get(place);
            top = layer == null ? top : layer;
        }
        wanted = next;
        users.forEach(user -> user.submitTo(top));
        held.forEach(BdevIo::requeue);
    }

    private int firstDifference(Map<Layering.Place, Layering> next) {
        for (Layering.Place place : Layering.Place.values()) {
            if (wanted.get(place) != next.get(place)) {
                return place.ordinal();
            }
        }
        return Layering.Place.values().length;
    }
}
