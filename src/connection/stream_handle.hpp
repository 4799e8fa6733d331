// The user's side of one call's items, at one end: who waits to send, who waits to read, and what has come.
#pragma once

#include "async/async_completion.hpp"
#include "connection/item_queue.hpp"
#include "protocol/stream.hpp"

#include <echosocket/stream.hpp>

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace echosocket::net {

class connection_context;
struct pending_call;

/// What the engine knows of the stream, its base, is touched on the connection's strand only. Items that other threads
/// send wait here for the strand; they are sent as soon as they are covered by credit that nothing else has claimed.
///
/// Thread safety: what `detail::stream_end` has, from any thread; everything else on the connection's strand.
/// Lifetime: shared by the call and by the user's handles; keeps the connection's memory alive, not the connection.
class stream_handle final : public detail::stream_end,
                            public protocol::stream,
                            public std::enable_shared_from_this<stream_handle> {
public:
    /// `streams` are the protocol's bits of the REQUEST.
    [[nodiscard]] static std::shared_ptr<stream_handle> of_caller(connection_context& context, std::uint8_t streams);
    [[nodiscard]] static std::shared_ptr<stream_handle> of_callee(connection_context& context, std::uint8_t streams);
    stream_handle(std::shared_ptr<connection_context> context, bool is_caller, std::uint8_t streams);
    stream_handle(const stream_handle&) = delete;
    stream_handle& operator=(const stream_handle&) = delete;
    ~stream_handle() { forget_items(); }

    // For the user's sinks and sources.
    asio::awaitable<result<void>> send(encoded_body&& item) override;
    result<void> end(std::optional<failure> why) override;
    asio::awaitable<result<std::optional<detail::raw_item>>> next() override;
    asio::awaitable<result<raw_reply>> answer() override;
    void cancel() override;
    [[nodiscard]] errc misfit() const noexcept override { return is_caller() ? errc::bad_reply : errc::bad_request; }

    void put_back(detail::raw_item&& item) noexcept override;

    // For the dispatcher.
    void set_call(std::weak_ptr<pending_call> call) { call_ = std::move(call); }
    void take_item(std::string_view body, content_type type, std::size_t cost);
    void take_end(std::optional<failure> why);
    /// Credit or room has come.
    void may_send();
    /// At the caller: the call has ended.
    void answered(result<raw_reply> reply);
    /// At the callee: the call is being cancelled; whoever reads or sends learns it at the next step.
    void stop(const failure& why);
    /// At the callee: the answer is about to go out behind the items, or the call is over without one.
    void close();

private:
    using item_reply = result<std::optional<detail::raw_item>>;
    using ticket = std::uint64_t;
    struct queued_send {
        ticket number;
        encoded_body item;
        std::optional<async_completion<result<void>>> waiting;  ///< Empty if the sender was told already that it went.
        result<void> outcome{};                                 ///< What the sender is to be told.
    };
    using queued_sends = std::list<queued_send>;
    struct waiting_reader {
        ticket number;
        async_completion<item_reply> waiting;
    };
    /// Tells suspended senders what became of their items; once the mutex is free.
    static void resume(queued_sends& all);
    static void resume_later(queued_sends& all);

    void note_failure(const failure& why) noexcept;
    template <class T>
    void on_cancel(const async_completion<T>& waiting, ticket number);
    void give_up(ticket number);

    // Sending, from the moment on at which it is awaited.
    [[nodiscard]] static asio::awaitable<result<void>> send_when_awaited(std::shared_ptr<stream_handle> self,
                                                                         encoded_body item);
    [[nodiscard]] std::optional<result<void>> send_or_not(encoded_body& item);
    [[nodiscard]] asio::awaitable<result<void>> send_in_turn(encoded_body&& item);

    // With the mutex held: sending.
    [[nodiscard]] failure closed_for_sending() const;
    [[nodiscard]] failure item_too_large(std::size_t cost) const;
    /// The outcome of a send that needs not wait; moves from `item` only if it is sent.
    [[nodiscard]] std::optional<result<void>> send_at_once(encoded_body& item);
    [[nodiscard]] std::optional<result<void>> send_on_strand(encoded_body& item);
    /// Moves what has gone out to `sent`, with its outcome.
    void send_queued(queued_sends& sent);
    void send_promised(queued_sends& sent);
    void send_soon();
    void note_credit() noexcept;
    /// Moves all that waits to `failed`.
    void fail_queued(queued_sends& failed);

    // With the mutex held: taking.
    [[nodiscard]] std::optional<item_reply> ready_item();
    void give_back(std::size_t cost);
    void discard_items();
    void forget_items() noexcept;
    /// Changes the items, and counts what they take in memory.
    template <class Change>
    auto change_items(const Change& change);

    const std::shared_ptr<connection_context> context_;
    std::weak_ptr<pending_call> call_;

    std::mutex mutex_;
    ticket last_ticket_ = 0;

    // What this end sends.
    queued_sends sends_;
    std::size_t queued_bytes_ = 0;  // of those whose sender was told already
    std::size_t unclaimed_ = 0;     // bytes of credit that other threads may claim
    std::size_t most_ = 0;          // bytes of the largest item
    bool opened_ = false;
    bool send_posted_ = false;
    bool end_asked_ = false;
    bool end_written_ = false;
    std::optional<failure> end_failure_;

    // What this end takes.
    item_queue items_;
    std::optional<waiting_reader> reader_;
    std::size_t unreported_ = 0;  // bytes that were consumed on other threads
    bool got_end_ = false;
    std::optional<failure> sender_failed_;
    bool is_read_ = false;     // somebody asked for an item
    bool discarding_ = false;  // the caller awaits the answer and reads no items

    // The call.
    bool over_ = false;
    std::optional<failure> call_failed_;
    std::optional<result<raw_reply>> answer_;
    std::optional<async_completion<result<raw_reply>>> answer_waiter_;
};

}  // namespace echosocket::net
