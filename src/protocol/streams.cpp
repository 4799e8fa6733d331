#include "protocol/streams.hpp"

#include "wire/failure_record.hpp"
#include "wire/meta.hpp"

#include <algorithm>
#include <string>

namespace echosocket::protocol {

namespace {

std::size_t frame_cost(std::size_t meta_size, std::size_t body_size) noexcept {
    return wire::header_size + meta_size + body_size;
}

wire::meta meta_of(const encoded_body& item) noexcept {
    return {.content_type = item.type};
}

}  // namespace

std::size_t item_cost(const encoded_body& item) noexcept {
    return frame_cost(wire::meta_size(meta_of(item)), item.bytes.size());
}

void streams::open(engine_state& state, std::uint32_t id, stream& s) {
    if (!open_) open_ = std::make_unique<open_streams>();
    s.id_ = id;
    open_->by_id.emplace(id, &s);
    if (state.is_introduced()) give_credit(state, s);
}

void streams::give_credit(engine_state& state, stream& s) {
    s.send_credit_.open(state.peer.stream_credit);
    s.is_open_ = true;
    s.largest_item_ = std::min(s.send_credit_.largest_item(), state.output.max_frame());
    open_->sendable.push_back(&s);
    state.attention = true;
}

void streams::greeted(engine_state& state) {
    if (!open_) return;
    for (const auto& [id, s] : open_->by_id) give_credit(state, *s);
}

void streams::close(stream& s) {
    s.over_ = true;
    if (!open_ || s.id_ == 0) return;
    open_->by_id.erase(s.id_);
    const auto forget = [&s](auto& from) { from.erase(std::remove(from.begin(), from.end(), &s), from.end()); };
    forget(open_->sendable);
    if (s.awaits_room_) forget(open_->for_room);
}

send_status streams::send(engine_state& state, stream& s, encoded_body& item, room needed) {
    if (s.over_ || s.end_sent_ || !s.sends()) return send_status::closed;
    const auto cost = item_cost(item);
    if (!s.is_open()) return send_status::no_credit;
    if (cost > s.largest_item_) return send_status::too_large;
    if (!s.send_credit_.covers(cost)) return send_status::no_credit;
    if (open_->held_back && needed == room::awaited) {
        if (!s.awaits_room_) open_->for_room.push_back(&s);
        s.awaits_room_ = true;
        return send_status::no_room;
    }
    s.send_credit_.spend(cost);
    if (state.is_over()) return send_status::sent;
    state.output.push(wire::frame_kind::item, s.id_, meta_of(item), std::move(item.bytes));
    // Streams alone never fill the output so far that a slow reader would be taken for one who asks for too much.
    open_->held_back = state.output.backlog() > state.settings.limits.output_soft / 2;
    return send_status::sent;
}

void streams::end(engine_state& state, stream& s, const std::optional<failure>& why) {
    if (s.over_ || s.end_sent_ || !s.sends()) return;
    s.end_sent_ = true;
    if (state.is_over()) return;
    if (why) {
        state.output.push_failure(wire::frame_kind::end, s.id_, *why);
    } else {
        state.output.push(wire::frame_kind::end, s.id_, std::string_view());
    }
}

void streams::consumed(engine_state& state, stream& s, std::size_t cost) {
    const auto grant = s.receive_credit_.consumed(cost);
    if (grant == 0 || s.over_ || s.end_came_ || state.is_over()) return;
    state.output.push(wire::frame_kind::credit, s.id_, {.credit = grant}, std::string_view());
}

bool streams::fault(engine_state& state, const wire::frame& f, std::string_view what) {
    state.fail(failure(errc::protocol_error, std::string(wire::name_of(f.kind)) + ": " + std::string(what)));
    return false;
}

bool streams::take(engine_state& state, const wire::frame& f, event& e) {
    const auto found = open_ ? open_->by_id.find(f.id) : decltype(open_->by_id.find(f.id))();
    if (!open_ || found == open_->by_id.end()) return fault(state, f, "on a call without streams");
    stream& s = *found->second;
    if (f.kind == wire::frame_kind::item) return take_item(state, s, f, e);
    if (f.kind == wire::frame_kind::end) return take_end(state, s, f, e);
    return take_credit(state, s, f, e);
}

bool streams::take_item(engine_state& state, stream& s, const wire::frame& f, event& e) {
    wire::meta meta;
    if (!wire::parse_meta(f.meta, meta)) return fault(state, f, "the meta of an ITEM can't be read");
    if (!s.takes()) return fault(state, f, "an ITEM on a call that takes none from there");
    if (s.end_came_) return fault(state, f, "an ITEM behind the END");
    const auto cost = frame_cost(f.meta.size(), f.body.size());
    if (!s.receive_credit_.take(cost)) return fault(state, f, "an ITEM without the credit for it");
    if (s.over_) return false;
    e.what = event::kind::item;
    e.from = &s;
    e.type = meta.content_type;
    e.body = f.body;
    e.cost = cost;
    return true;
}

bool streams::take_end(engine_state& state, stream& s, const wire::frame& f, event& e) {
    if (!s.takes()) return fault(state, f, "an END on a call that takes no items from there");
    if (s.end_came_) return fault(state, f, "an END behind the END");
    s.end_came_ = true;
    if (s.over_) return false;
    e.what = event::kind::item_end;
    e.from = &s;
    e.why = wire::read_end_failure(f);
    return true;
}

bool streams::take_credit(engine_state& state, stream& s, const wire::frame& f, event& e) {
    wire::meta meta;
    if (!wire::parse_meta(f.meta, meta) || !meta.credit) return fault(state, f, "a CREDIT without its record");
    if (!s.sends()) return fault(state, f, "a CREDIT for a call whose caller asked for no items from here");
    if (!s.send_credit_.grant(*meta.credit)) return fault(state, f, "a CREDIT that exceeds the largest there is");
    if (s.over_) return false;
    e.what = event::kind::sendable;
    e.from = &s;
    return true;
}

void streams::room_came(engine_state& state) noexcept {
    if (!open_ || !open_->held_back || state.output.backlog() > state.settings.limits.output_soft / 4) return;
    open_->held_back = false;
    state.attention = true;
}

// In turn: one that has used up the room again waits behind the others.
bool streams::next_sendable(engine_state& state, event& e) {
    if (!open_ || state.is_over()) return false;
    stream* next = nullptr;
    if (!open_->sendable.empty()) {
        next = open_->sendable.front();
        open_->sendable.pop_front();
    } else if (!open_->held_back && !open_->for_room.empty()) {
        next = open_->for_room.front();
        open_->for_room.pop_front();
        next->awaits_room_ = false;
    }
    if (next == nullptr) return false;
    e.what = event::kind::sendable;
    e.from = next;
    return true;
}

}  // namespace echosocket::protocol
