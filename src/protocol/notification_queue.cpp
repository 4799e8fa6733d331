#include "protocol/notification_queue.hpp"

#include <utility>

namespace echosocket::protocol {

namespace {

// Bytes that are kept for each besides the notification itself.
constexpr std::size_t bookkeeping = 128;

std::size_t held_for(const notification_ptr& what) noexcept {
    return bookkeeping + (what.use_count() == 1 ? what->size() : 0);
}

}  // namespace

bool notification_queue::has_room(const lane& in, const notification& what) noexcept {
    if (in.order.empty()) return true;  // one above the bound by itself would never be sent otherwise
    const auto& rules = what.queue.rules;
    return in.bytes + what.size() <= rules.max_bytes && in.order.size() < rules.max_frames;
}

std::string notification_queue::key_of(const notification& what) {
    return what.topic + '\0' + what.key;
}

notification_queue::outcome notification_queue::push(notification_ptr what) {
    outcome came_to;
    const auto policy = what->queue.rules.policy;
    lane& in = lanes_[what->queue.lane];
    if (policy == overflow::keep_latest && in.by_key.contains(key_of(*what))) return replace(in, std::move(what));
    while (!has_room(in, *what)) {
        if (policy == overflow::close) return {.overflowed = true};
        ++came_to.dropped;
        if (policy == overflow::drop_newest) return came_to;
        (void)take(in, 0);
    }
    const auto bytes = what->size();
    const auto key = policy == overflow::keep_latest ? key_of(*what) : std::string();
    append(in, std::move(what), key);
    bytes_ += bytes;
    in.bytes += bytes;
    return came_to;
}

// All of it, or nothing.
void notification_queue::append(lane& in, notification_ptr what, const std::string& key) {
    const auto held = held_for(what);
    entries_.push_back({std::move(what), held});
    const auto at = std::prev(entries_.end());
    try {
        in.order.push_back(at);
        if (!key.empty()) in.by_key[key] = at;
    } catch (...) {
        if (!in.order.empty() && in.order.back() == at) in.order.pop_back();
        entries_.erase(at);
        throw;
    }
    held_ += held;
}

notification_queue::outcome notification_queue::replace(lane& in, notification_ptr what) {
    const auto place = in.by_key.find(key_of(*what))->second;
    const auto most = what->queue.rules.max_bytes;
    const auto change = what->size() - place->what->size();  // may wrap, and so does the sum
    bytes_ += change;
    in.bytes += change;
    const auto held = held_for(what);
    held_ += held - place->held;  // may wrap, too
    *place = {std::move(what), held};
    outcome came_to{.dropped = 1};
    // It may be larger than the one before: others give way, the oldest first.
    for (; in.bytes > most && in.order.size() > 1; ++came_to.dropped) (void)take(in, in.order.front() == place ? 1 : 0);
    return came_to;
}

notification_ptr notification_queue::take(lane& from, std::size_t nth) {
    const auto chosen = from.order.begin() + static_cast<std::ptrdiff_t>(nth);
    const auto at = *chosen;
    if (at->what->queue.rules.policy == overflow::keep_latest) from.by_key.erase(key_of(*at->what));
    from.order.erase(chosen);
    notification_ptr oldest = std::move(at->what);
    held_ -= at->held;
    entries_.erase(at);
    bytes_ -= oldest->size();
    from.bytes -= oldest->size();
    return oldest;
}

notification_ptr notification_queue::pop() {
    // The oldest of all is the oldest of its lane.
    const auto found = lanes_.find(entries_.front().what->queue.lane);
    notification_ptr oldest = take(found->second, 0);
    if (found->second.order.empty()) lanes_.erase(found);
    return oldest;
}

}  // namespace echosocket::protocol
