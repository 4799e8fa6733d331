// The items that a stream takes, and the credit that its reader gives back.
#include "connection/connection_context.hpp"
#include "connection/stream_handle.hpp"

#include <utility>

namespace echosocket::net {

template <class Change>
auto stream_handle::change_items(const Change& change) {
    struct counted {
        stream_handle& of;
        std::size_t before = of.items_.bytes();

        explicit counted(stream_handle& all) noexcept : of(all) {}
        counted(const counted&) = delete;
        counted& operator=(const counted&) = delete;
        ~counted() { of.context_->change(before, of.items_.bytes()); }
    } const now(*this);
    return change();
}

std::optional<stream_handle::item_reply> stream_handle::ready_item() {
    if (!items_.empty()) {
        auto arrived = change_items([this] { return items_.pop(); });
        give_back(arrived.cost);
        return item_reply(std::optional(std::move(arrived.raw)));
    }
    if (got_end_ && sender_failed_) return item_reply(*sender_failed_);
    if (over_ && call_failed_) return item_reply(*call_failed_);
    if (got_end_ || over_) return item_reply(std::optional<detail::raw_item>());
    if (!takes()) return item_reply(failure(errc::stream_closed, "this end of the call takes no items"));
    return std::nullopt;
}

void stream_handle::give_back(std::size_t cost) {
    if (cost == 0 || over_ || got_end_) return;
    if (context_->on_strand()) {
        context_->guard([&] { context_->engine().consumed(*this, cost); });
        context_->flush_soon();
        return;
    }
    // Reported when it comes to something: with what the engine holds back, it stays below half of the window.
    const bool was_reported = unreported_ == 0;
    unreported_ += cost;
    if (!was_reported) return;
    context_->post([self = shared_from_this()] {
        {
            const std::lock_guard lock(self->mutex_);
            const auto consumed = std::exchange(self->unreported_, 0);
            if (self->over_) return;
            self->context_->engine().consumed(*self, consumed);
        }
        self->context_->flush();
    });
}

void stream_handle::put_back(detail::raw_item&& item) noexcept {
    const std::lock_guard lock(mutex_);
    if (over_ && !is_caller()) return;  // nobody asks any more
    change_items([&] { items_.put_back(std::move(item)); });
}

void stream_handle::forget_items() noexcept {
    (void)change_items([this] { return items_.clear(); });
}

void stream_handle::discard_items() {
    discarding_ = true;
    if (const auto cost = change_items([this] { return items_.clear(); })) give_back(cost);
}

void stream_handle::take_item(std::string_view body, content_type type, std::size_t cost) {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    {
        const std::lock_guard lock(mutex_);
        if (over_) return;
        if (discarding_ && !is_read_) return give_back(cost);
        change_items([&] { items_.push(body, type, cost); });
        if (!reader_) return;
        move_to(reader, reader_);
        ready = ready_item();
    }
    reader->waiting.complete(std::move(*ready));
}

void stream_handle::take_end(std::optional<failure> why) {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    {
        const std::lock_guard lock(mutex_);
        if (over_) return;
        got_end_ = true;
        sender_failed_ = std::move(why);
        if (!reader_) return;
        move_to(reader, reader_);
        ready = ready_item();
    }
    reader->waiting.complete(std::move(*ready));
}

}  // namespace echosocket::net
