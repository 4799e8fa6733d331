#include "protocol/split_bodies.hpp"

#include "memory/large_body.hpp"
#include "wire/meta.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace echosocket::protocol {

namespace {

// An unfinished body gets the time of a frame, and a second for so many bytes that have come.
constexpr std::size_t bytes_per_second = 8 * 1024;

/// Does `what` with the unfinished bodies, and counts what they hold in memory then.
template <class What>
auto counted(engine_state& state, const assembler& bodies, const What& what) {
    const auto before = bodies.held_bytes();
    const auto outcome = what();
    if (state.memory != nullptr) state.memory->change(before, bodies.held_bytes());
    return outcome;
}

}  // namespace

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
    const bool is_first = !bodies.continues(f);
    switch (counted(state, bodies, [&] { return bodies.add(f, state.now); })) {
        case assembler::outcome::partial:
            if (is_first && f.kind == wire::frame_kind::request) set_deadline(state, f);
            if (is_first) watch(state);
            return outcome::partial;
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
    joined->held = memory_share(state.memory, joined->meta.size() + joined->body.size());
    return outcome::complete;
}

bool split_bodies::abandon_request(engine_state& state, std::uint32_t id) {
    return assembler_ &&
           counted(state, *assembler_, [&] { return assembler_->abandon(wire::frame_kind::request, id); });
}

void split_bodies::abandon_response(engine_state& state, std::uint32_t id) {
    if (assembler_)
        (void)counted(state, *assembler_, [&] { return assembler_->abandon(wire::frame_kind::response, id); });
}

void split_bodies::forget_all(engine_state& state) noexcept {
    if (!assembler_) return;
    if (state.memory != nullptr) state.memory->release(assembler_->held_bytes());
    assembler_.reset();
}

void split_bodies::set_deadline(engine_state& state, const wire::frame& first) {
    wire::meta meta;
    if (!wire::parse_meta(first.meta, meta)) return;  // refused once it is complete
    const auto most = state.settings.max_deadline;
    std::chrono::milliseconds left(meta.deadline_ms.value_or(0));
    if (!meta.deadline_ms || (most.count() > 0 && left > most)) left = most;
    if (meta.deadline_ms || most.count() > 0) assembler_->set_deadline(first.kind, first.id, state.now + left);
}

void split_bodies::watch(engine_state& state) {
    state.timers.arm_earlier(timer::body, assembler_->next_due(state.settings.limits.frame_timeout, bytes_per_second));
}

std::optional<std::uint32_t> split_bodies::take_expired(engine_state& state) {
    if (!state.timers.is_due(timer::body, state.now)) return std::nullopt;
    return counted(state, *assembler_, [&] { return assembler_->take_expired(state.now); });
}

void split_bodies::check_pace(engine_state& state) {
    if (!state.timers.is_due(timer::body, state.now)) return;
    state.timers.disarm(timer::body);
    if (none()) return;
    if (assembler_->has_slow(state.now, state.settings.limits.frame_timeout, bytes_per_second))
        return state.fail(failure(errc::frame_timeout, "a message was begun and comes too slowly"));
    watch(state);
}

split_bodies::outcome split_bodies::add_oversized(engine_state& state, const wire::frame& f) {
    if (!wire::is_splittable(f.kind) || (!f.more() && !assembler_)) return outcome::too_large;
    auto& bodies = of(state);
    switch (counted(state, bodies, [&] { return bodies.add_oversized(f); })) {
        case assembler::outcome::dropped:
            return outcome::partial;
        case assembler::outcome::too_many:
            return end(state);
        default:
            return outcome::too_large;
    }
}

}  // namespace echosocket::protocol
