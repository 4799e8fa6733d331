#include "protocol/split_bodies.hpp"

#include "memory/large_body.hpp"

#include <string>

namespace echosocket::protocol {

assembler& split_bodies::of(const engine_state& state) {
    if (!assembler_)
        assembler_ =
            std::make_unique<assembler>(state.settings.limits.max_message, max_unfinished_bodies, net::will_be_filled);
    return *assembler_;
}

split_bodies::outcome split_bodies::end(engine_state& state) {
    state.fail(failure(errc::protocol_error,
                       "more than " + std::to_string(max_unfinished_bodies) + " bodies begun and not finished"));
    return outcome::ended;
}

split_bodies::outcome split_bodies::add(engine_state& state, const wire::frame& f, joined_ptr& joined) {
    auto& bodies = of(state);
    switch (bodies.add(f, state.now)) {
        case assembler::outcome::partial:
        case assembler::outcome::dropped:
            return outcome::partial;
        case assembler::outcome::too_large:
            return outcome::too_large;
        case assembler::outcome::too_many:
            return end(state);
        case assembler::outcome::complete:
            break;
    }
    joined = std::make_shared<joined_message>();
    joined->meta = std::string(bodies.message().meta);
    joined->begun = bodies.begun();
    joined->body = bodies.take_body();
    net::was_filled(joined->body);
    return outcome::complete;
}

split_bodies::outcome split_bodies::add_oversized(engine_state& state, const wire::frame& f) {
    if (!wire::is_splittable(f.kind) || (!f.more() && !assembler_)) return outcome::too_large;
    switch (of(state).add_oversized(f)) {
        case assembler::outcome::dropped:
            return outcome::partial;
        case assembler::outcome::too_many:
            return end(state);
        default:
            return outcome::too_large;
    }
}

}  // namespace echosocket::protocol
