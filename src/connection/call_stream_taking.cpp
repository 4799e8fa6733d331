// The items that a call's stream takes.
#include "connection/call_stream.hpp"
#include "connection/connection.hpp"
#include "wire/failure_record.hpp"

#include <utility>

namespace echosocket::net {

namespace {

std::size_t cost_of(const wire::frame& f) noexcept {
    return wire::header_size + f.meta.size() + f.body.size();
}

}  // namespace

void call_stream::consumed(std::size_t cost) {
    const auto grant = receive_credit_.consumed(cost);
    if (grant != 0 && !over_ && !got_end_) write(wire::frame_kind::credit, {.credit = grant}, {});
}

std::optional<call_stream::item_reply> call_stream::ready_item() {
    if (!items_.empty()) {
        auto arrived = std::move(items_.front());
        items_.pop_front();
        consumed(arrived.cost);
        return item_reply(std::optional(std::move(arrived.item)));
    }
    if (got_end_ && sender_failed_) return item_reply(*sender_failed_);
    if (over_ && call_failed_) return item_reply(*call_failed_);
    if (got_end_ || over_) return item_reply(std::optional<detail::raw_item>());
    if (!we_take()) return item_reply(failure(errc::stream_closed, "this end of the call takes no items"));
    return std::nullopt;
}

void call_stream::discard_items() {
    discarding_ = true;
    for (auto& arrived : std::exchange(items_, {})) consumed(arrived.cost);
}

std::string_view call_stream::take_item(const wire::frame& f) {
    wire::meta meta;
    if (!wire::parse_meta(f.meta, meta)) return "the meta of an ITEM can't be read";
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    {
        const std::lock_guard lock(mutex_);
        if (!we_take()) return "an ITEM on a call that takes none from there";
        if (got_end_) return "an ITEM behind the END";
        const auto cost = cost_of(f);
        if (!receive_credit_.take(cost)) return "an ITEM without the credit for it";
        if ((discarding_ && !is_read_) || over_) {
            consumed(cost);
            return {};
        }
        items_.push_back({{std::string(f.body), meta.content_type}, cost});
        if (!reader_) return {};
        move_to(reader, reader_);
        ready = ready_item();
    }
    reader->waiting.complete(std::move(*ready));
    return {};
}

std::string_view call_stream::take_end(const wire::frame& f) {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    {
        const std::lock_guard lock(mutex_);
        if (!we_take()) return "an END on a call that takes no items from there";
        if (got_end_) return "an END behind the END";
        got_end_ = true;
        sender_failed_ = wire::read_end_failure(f);
        if (!reader_) return {};
        move_to(reader, reader_);
        ready = ready_item();
    }
    reader->waiting.complete(std::move(*ready));
    return {};
}

}  // namespace echosocket::net
