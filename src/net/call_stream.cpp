#include "net/call_stream.hpp"

#include "net/connection.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace echosocket::net {

namespace {

using protocol::frame_kind;

std::size_t cost_of(const protocol::frame& f) noexcept {
    return protocol::header_size + f.meta.size() + f.body.size();
}

protocol::meta meta_of(const encoded_body& item) noexcept {
    protocol::meta meta;
    if (item.type == content_type::json) meta.content_type = protocol::content_json;
    return meta;
}

std::size_t cost_of(const encoded_body& item) noexcept {
    return protocol::header_size + protocol::meta_size(meta_of(item)) + item.bytes.size();
}

// Bytes of frames from other threads that may wait for the strand.
constexpr std::size_t max_pending = 256 * 1024;

failure given_up() {
    return failure(errc::cancelled, "the wait was cancelled");
}

failure one_at_a_time(std::string_view what) {
    return failure(errc::stream_closed, std::string(what) + " is waited for already: one wait after the other");
}

}  // namespace

call_stream::call_stream(std::shared_ptr<connection> line, bool is_caller, std::uint8_t streams,
                         std::uint32_t receive_window)
    : line_(std::move(line)), is_caller_(is_caller), streams_(streams), receive_credit_(receive_window) {}

bool call_stream::we_send() const noexcept {
    return (streams_ & (is_caller_ ? protocol::stream_from_caller : protocol::stream_to_caller)) != 0;
}
bool call_stream::we_take() const noexcept {
    return (streams_ & (is_caller_ ? protocol::stream_to_caller : protocol::stream_from_caller)) != 0;
}

// What the user does.

asio::awaitable<result<void>> call_stream::send(encoded_body&& item) {
    const std::lock_guard lock(mutex_);
    if (auto refused = refusal_of(item)) return already<result<void>>(std::move(*refused));
    if (waiting_sends_.empty() && credit_.covers(cost_of(item)) && id_ != 0 && may_write()) {
        write_item(std::move(item));
        return already<result<void>>({});
    }
    using waiting_for = completion<result<void>>;
    return waiting_for::suspend([self = shared_from_this(), item = std::move(item)](waiting_for waiting) mutable {
        resumed_sends sent;
        {
            const std::lock_guard again(self->mutex_);
            // Room may have come, or the stream or the call may have ended, since this was begun.
            if (auto refused = self->refusal_of(item)) return waiting.complete_later(std::move(*refused));
            const ticket number = ++self->last_ticket_;
            self->on_cancel(waiting, number);
            self->waiting_sends_.push_back({number, std::move(waiting), std::move(item)});
            self->send_waiting(sent);
        }
        for (auto& [sender, outcome] : sent) sender.complete_later(std::move(outcome));
    });
}

result<void> call_stream::end(std::optional<failure> why) {
    const std::lock_guard lock(mutex_);
    if (over_ || end_asked_) return closed_for_sending();
    end_asked_ = true;
    end_failure_ = std::move(why);
    if (waiting_sends_.empty() && id_ != 0) write_end();
    return {};
}

asio::awaitable<call_stream::item_reply> call_stream::next() {
    const std::lock_guard lock(mutex_);
    is_read_ = true;
    if (auto ready = ready_item()) return already<item_reply>(std::move(*ready));
    using waiting_for = completion<item_reply>;
    return waiting_for::suspend([self = shared_from_this()](waiting_for waiting) {
        const std::lock_guard again(self->mutex_);
        if (self->reader_) return waiting.complete_later(one_at_a_time("an item"));
        if (auto ready = self->ready_item()) return waiting.complete_later(std::move(*ready));
        const ticket number = ++self->last_ticket_;
        self->on_cancel(waiting, number);
        self->reader_.emplace(waiting_reader{number, std::move(waiting)});
    });
}

asio::awaitable<result<raw_reply>> call_stream::answer() {
    if (we_send()) (void)end(std::nullopt);
    using waiting_for = completion<result<raw_reply>>;
    return waiting_for::suspend([self = shared_from_this()](waiting_for waiting) {
        const std::lock_guard lock(self->mutex_);
        if (!self->is_read_) self->discard_items();
        if (self->answer_) return waiting.complete_later(*std::exchange(self->answer_, std::nullopt));
        if (self->over_ || self->answer_waiter_) return waiting.complete_later(one_at_a_time("the reply"));
        if (auto slot = waiting.slot(); slot.is_connected())
            slot.assign([self](asio::cancellation_type) { self->cancel(); });
        self->answer_waiter_.emplace(std::move(waiting));
    });
}

void call_stream::cancel() {
    if (auto call = call_.lock()) line_->cancel(std::move(call));
}

template <class T>
void call_stream::on_cancel(const completion<T>& waiting, ticket number) {
    if (auto slot = waiting.slot(); slot.is_connected())
        slot.assign([self = shared_from_this(), number](asio::cancellation_type) { self->give_up(number); });
}

void call_stream::give_up(ticket number) {
    std::optional<waiting_reader> reader;
    std::optional<waiting_send> sender;
    {
        const std::lock_guard lock(mutex_);
        if (reader_ && reader_->number == number) move_to(reader, reader_);
        const auto found = std::ranges::find(waiting_sends_, number, &waiting_send::number);
        if (found != waiting_sends_.end()) {
            sender.emplace(std::move(*found));
            waiting_sends_.erase(found);
            if (waiting_sends_.empty() && end_asked_ && id_ != 0) write_end();
        }
    }
    if (reader) reader->waiting.complete_later(given_up());
    if (sender) sender->waiting.complete_later(given_up());
}

// What is sent.

std::optional<failure> call_stream::refusal_of(const encoded_body& item) const {
    if (over_ || end_asked_ || !we_send()) return closed_for_sending();
    if (id_ == 0 || cost_of(item) <= largest_item_) return std::nullopt;
    return failure(errc::message_too_large, "the item takes " + std::to_string(cost_of(item)) +
                                                " bytes; the other side takes items of at most " +
                                                std::to_string(largest_item_));
}

failure call_stream::closed_for_sending() const {
    if (over_ && call_failed_) return *call_failed_;
    return failure(errc::stream_closed, over_        ? "the call has ended: no more items are taken"
                                        : end_asked_ ? "the stream was ended already"
                                                     : "this end of the call sends no items");
}

void call_stream::write_item(encoded_body&& item) {
    credit_.spend(cost_of(item));
    const auto meta = meta_of(item);
    if (!write_at_once(frame_kind::item, meta, std::move(item.bytes))) write(frame_kind::item, meta, item.bytes);
}

void call_stream::write_end() {
    if (!end_failure_) return write(frame_kind::end, {}, {});
    protocol::meta meta{.code = static_cast<std::uint16_t>(end_failure_->code)};
    if (end_failure_->retryable) meta.facts |= protocol::fact_retryable;
    if (end_failure_->started) meta.facts |= protocol::fact_started;
    write(frame_kind::end, meta, protocol::head_of(end_failure_->detail, std::min(protocol::max_text, max_frame_)));
}

/// Moves from `body` only where it returns true.
template <class Body>
bool call_stream::write_at_once(frame_kind kind, const protocol::meta& meta, Body&& body) {
    if (!line_->on_strand() || !pending_.empty()) return false;
    if (!line_->takes_output()) return true;
    line_->output().push(kind, id_, meta, std::forward<Body>(body));
    line_->items_queued();
    line_->schedule_flush();
    return true;
}

void call_stream::write(frame_kind kind, const protocol::meta& meta, std::string_view body) {
    if (write_at_once(kind, meta, body)) return;
    const bool first = pending_.empty();
    const auto meta_size = protocol::meta_size(meta);
    const auto at = pending_.size();
    pending_.resize(at + protocol::header_size + meta_size);
    protocol::write_header(pending_.data() + at, kind, 0, id_, meta_size, body.size());
    protocol::write_meta(pending_.data() + at + protocol::header_size, meta);
    pending_ += body;
    if (!first) return;
    asio::post(line_->executor(), [self = shared_from_this()] {
        {
            const std::lock_guard lock(self->mutex_);
            self->move_pending();
        }
        self->line_->flush();
    });
}

void call_stream::move_pending() {
    if (line_->takes_output()) line_->output().push_encoded(pending_);
    line_->items_queued();
    pending_.clear();
}

bool call_stream::may_write() const noexcept {
    return line_->takes_items() && pending_.size() < max_pending;
}

void call_stream::await_room() {
    if (std::exchange(awaits_room_, true)) return;
    if (line_->on_strand()) return line_->await_room(shared_from_this());
    asio::post(line_->executor(), [self = shared_from_this()] { self->line_->await_room(self); });
}

void call_stream::room_came() {
    resumed_sends sent;
    {
        const std::lock_guard lock(mutex_);
        awaits_room_ = false;
        if (!over_) send_waiting(sent);
    }
    resume(sent);
}

void call_stream::send_waiting(resumed_sends& sent) {
    while (id_ != 0 && !waiting_sends_.empty()) {
        auto& next = waiting_sends_.front();
        const auto cost = cost_of(next.item);
        if (cost > largest_item_) {
            sent.emplace_back(std::move(next.waiting),
                              failure(errc::message_too_large, "the item is larger than the other side takes: " +
                                                                   std::to_string(largest_item_) + " bytes"));
        } else if (!credit_.covers(cost)) {
            return;
        } else if (!may_write()) {
            return await_room();
        } else {
            write_item(std::move(next.item));
            sent.emplace_back(std::move(next.waiting), result<void>());
        }
        waiting_sends_.pop_front();
    }
    if (id_ != 0 && end_asked_ && !sent.empty()) write_end();
}

void call_stream::fail_waiting(resumed_sends& failed) {
    for (auto& waiting : waiting_sends_) failed.emplace_back(std::move(waiting.waiting), closed_for_sending());
    waiting_sends_.clear();
}

void call_stream::resume(resumed_sends& all) {
    for (auto& [sender, outcome] : all) sender.complete(std::move(outcome));
}

void call_stream::open(std::uint32_t id, std::uint32_t send_window, std::size_t max_frame) {
    resumed_sends sent;
    {
        const std::lock_guard lock(mutex_);
        id_ = id;
        credit_.open(send_window);
        max_frame_ = max_frame;
        largest_item_ = std::min(credit_.largest_item(), max_frame);
        const bool nobody_waits = waiting_sends_.empty();
        send_waiting(sent);
        if (nobody_waits && end_asked_) write_end();
    }
    resume(sent);
}

std::string_view call_stream::take_credit(const protocol::frame& f) {
    protocol::meta meta;
    if (!protocol::parse_meta(f.meta, meta) || !meta.credit) return "a CREDIT without its record";
    resumed_sends sent;
    {
        const std::lock_guard lock(mutex_);
        if (!we_send()) return "a CREDIT for a call whose caller asked for no items from here";
        if (!credit_.grant(*meta.credit)) return "a CREDIT that exceeds the largest there is";
        if (!over_) send_waiting(sent);
    }
    resume(sent);
    return {};
}

// What is taken.

void call_stream::consumed(std::size_t cost) {
    const auto grant = receive_credit_.consumed(cost);
    if (grant != 0 && !over_ && !got_end_) write(frame_kind::credit, {.credit = grant}, {});
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

std::string_view call_stream::take_item(const protocol::frame& f) {
    protocol::meta meta;
    if (!protocol::parse_meta(f.meta, meta)) return "the meta of an ITEM can't be read";
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
        const auto type = meta.content_type == protocol::content_json ? content_type::json : content_type::bytes;
        items_.push_back({{std::string(f.body), type}, cost});
        if (!reader_) return {};
        move_to(reader, reader_);
        ready = ready_item();
    }
    reader->waiting.complete(std::move(*ready));
    return {};
}

std::string_view call_stream::take_end(const protocol::frame& f) {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    {
        const std::lock_guard lock(mutex_);
        if (!we_take()) return "an END on a call that takes no items from there";
        if (got_end_) return "an END behind the END";
        got_end_ = true;
        protocol::meta meta;
        if (protocol::parse_meta(f.meta, meta) && meta.code != 0) sender_failed_ = read_failure(f);
        if (!reader_) return {};
        move_to(reader, reader_);
        ready = ready_item();
    }
    reader->waiting.complete(std::move(*ready));
    return {};
}

// The call's end.

void call_stream::answered(result<raw_reply> reply) {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    std::optional<completion<result<raw_reply>>> waiter;
    resumed_sends failed;
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        if (!reply) call_failed_ = reply.error();
        fail_waiting(failed);
        move_to(reader, reader_);
        if (reader) ready = ready_item();
        move_to(waiter, answer_waiter_);
        if (!waiter) answer_ = std::move(reply);
    }
    resume(failed);
    if (reader) reader->waiting.complete(std::move(*ready));
    if (waiter) waiter->complete(std::move(reply));
}

void call_stream::stop(const failure& why) {
    std::optional<waiting_reader> reader;
    resumed_sends failed;
    {
        const std::lock_guard lock(mutex_);
        if (over_) return;
        over_ = true;
        call_failed_ = why;
        items_.clear();
        fail_waiting(failed);
        move_to(reader, reader_);
    }
    // Later, since the handler is to be cancelled where it waits, not behind that.
    for (auto& [sender, outcome] : failed) sender.complete_later(std::move(outcome));
    if (reader) reader->waiting.complete_later(why);
}

void call_stream::close() {
    std::optional<waiting_reader> reader;
    std::optional<item_reply> ready;
    resumed_sends failed;
    {
        const std::lock_guard lock(mutex_);
        move_pending();
        over_ = true;
        fail_waiting(failed);
        move_to(reader, reader_);
        if (reader) ready = ready_item();
    }
    resume(failed);
    if (reader) reader->waiting.complete(std::move(*ready));
}

}  // namespace echosocket::net
