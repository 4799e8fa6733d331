#include "protocol/assembler.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace echosocket::protocol {

using wire::frame;
using wire::frame_kind;

assembler::outcome assembler::add(const frame& f, time_point now) {
    const auto found = unfinished_.find(key_of(f.kind, f.id));
    if (found == unfinished_.end()) return begin(f, now);

    unfinished& body = found->second;
    if (body.discarding) {
        if (!f.more()) unfinished_.erase(found);
        return outcome::dropped;
    }
    if (f.body.size() > max_message_ - body.body.size()) {
        discard(body);
        if (!f.more()) unfinished_.erase(found);
        return outcome::too_large;
    }
    make_room(body, body.body.size() + f.body.size());
    body.body.append(f.body);
    bytes_ += f.body.size();
    if (f.more()) return outcome::partial;

    forget(body);
    unfinished whole = std::move(body);
    unfinished_.erase(found);
    return complete(f, std::move(whole));
}

assembler::outcome assembler::add_oversized(const frame& f) {
    const auto found = unfinished_.find(key_of(f.kind, f.id));
    if (found == unfinished_.end()) return f.more() ? begin_discarding(f) : outcome::too_large;

    const bool known = found->second.discarding;
    discard(found->second);
    if (!f.more()) unfinished_.erase(found);
    return known ? outcome::dropped : outcome::too_large;
}

assembler::outcome assembler::begin(const frame& f, time_point now) {
    unfinished body{.meta = std::string(f.meta), .body = std::string(f.body), .begun = now};
    if (!f.more()) return complete(f, std::move(body));
    if (f.body.size() > max_message_) return begin_discarding(f);
    if (unfinished_.size() >= max_unfinished_) return outcome::too_many;
    unfinished_.emplace(key_of(f.kind, f.id), std::move(body));
    bytes_ += f.meta.size() + f.body.size();
    return outcome::partial;
}

assembler::outcome assembler::begin_discarding(const frame& f) {
    if (unfinished_.size() >= max_unfinished_) return outcome::too_many;
    unfinished_[key_of(f.kind, f.id)].discarding = true;
    return outcome::too_large;
}

assembler::outcome assembler::complete(const frame& f, unfinished&& whole) {
    if (whole.body.size() > max_message_) return outcome::too_large;
    last_ = std::move(whole);
    message_ = {.kind = f.kind, .flags = f.flags, .id = f.id, .meta = last_.meta, .body = last_.body};
    return outcome::complete;
}

std::string assembler::take_body() noexcept {
    message_.body = {};
    return std::exchange(last_.body, {});
}

bool assembler::abandon(frame_kind kind, std::uint32_t id) {
    const auto found = unfinished_.find(key_of(kind, id));
    if (found == unfinished_.end() || found->second.discarding) return false;
    discard(found->second);
    return true;
}

void assembler::set_deadline(frame_kind kind, std::uint32_t id, time_point when) {
    const auto found = unfinished_.find(key_of(kind, id));
    if (found != unfinished_.end()) found->second.deadline = when;
}

std::optional<std::uint32_t> assembler::take_expired(time_point now) {
    for (auto& [key, body] : unfinished_) {
        if (body.discarding || body.deadline > now) continue;
        discard(body);
        return static_cast<std::uint32_t>(key);
    }
    return std::nullopt;
}

bool assembler::has_slow(time_point now, std::chrono::milliseconds patience, std::size_t bytes_per_second) const {
    return std::ranges::any_of(unfinished_, [&](const auto& entry) {
        return !entry.second.discarding && entry.second.slow_from(patience, bytes_per_second) <= now;
    });
}

assembler::time_point assembler::next_due(std::chrono::milliseconds patience, std::size_t bytes_per_second) const {
    auto next = time_point::max();
    for (const auto& [key, body] : unfinished_)
        if (!body.discarding) next = std::min({next, body.deadline, body.slow_from(patience, bytes_per_second)});
    return next;
}

// A string that doubles would copy tens of megabytes in one step, and everything else on the line would wait for that.
void assembler::make_room(unfinished& whole, std::size_t size) {
    const std::size_t most = std::min(max_message_, most_reserved);
    auto& body = whole.body;
    if (size <= std::max(body.capacity(), reserved_from) || size > most) return;
    try {
        body.reserve(most);
    } catch (const std::bad_alloc&) {
        return;  // addresses are short: it doubles
    }
    if (!std::exchange(whole.is_reserved, true)) ++reserved_;
    if (on_reserved_ != nullptr) on_reserved_(body);
}

void assembler::forget(const unfinished& body) noexcept {
    bytes_ -= body.meta.size() + body.body.size();
    if (body.is_reserved) --reserved_;
}

void assembler::discard(unfinished& body) noexcept {
    forget(body);
    body = {.meta = {}, .body = {}, .discarding = true};
}

}  // namespace echosocket::protocol
