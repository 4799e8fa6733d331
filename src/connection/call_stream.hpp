// The items of one call, both directions, at one end.
#pragma once

#include "async/async_completion.hpp"
#include "protocol/stream_credit.hpp"
#include "wire/frame.hpp"
#include "wire/meta.hpp"

#include <echosocket/stream.hpp>

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket::net {

class connection;
struct pending_call;

/// Thread safety: what `detail::stream_end` has, from any thread; everything else on the connection's strand.
/// Lifetime: shared by the call and by the user's handles; keeps the connection's memory alive, not the connection.
class call_stream final : public detail::stream_end, public std::enable_shared_from_this<call_stream> {
public:
    /// `streams` are the bits of the REQUEST, `receive_window` is what our HELLO promised.
    call_stream(std::shared_ptr<connection> line, bool is_caller, std::uint8_t streams, std::uint32_t receive_window);

    // For the user's sinks and sources.
    asio::awaitable<result<void>> send(encoded_body&& item) override;
    result<void> end(std::optional<failure> why) override;
    asio::awaitable<result<std::optional<detail::raw_item>>> next() override;
    asio::awaitable<result<raw_reply>> answer() override;
    void cancel() override;
    [[nodiscard]] errc misfit() const noexcept override { return is_caller_ ? errc::bad_reply : errc::bad_request; }

    // For the connection.
    [[nodiscard]] std::uint8_t streams() const noexcept { return streams_; }
    /// The REQUEST goes out, or has come in: items may be sent from here on.
    void open(std::uint32_t id, std::uint32_t send_window, std::size_t max_frame);
    void set_call(std::weak_ptr<pending_call> call) { call_ = std::move(call); }
    // Each returns what the frame breaks of the rules; nothing where it is fine.
    [[nodiscard]] std::string_view take_item(const wire::frame& f);
    [[nodiscard]] std::string_view take_end(const wire::frame& f);
    [[nodiscard]] std::string_view take_credit(const wire::frame& f);
    /// At the caller: the call has ended.
    void answered(result<raw_reply> reply);
    /// The connection can take further items to write.
    void room_came();
    /// At the callee: the call is being cancelled; whoever reads or sends learns it at the next step.
    void stop(const failure& why);
    /// At the callee: the answer is about to go out behind the items, or the call is over without one.
    void close();

private:
    using item_reply = result<std::optional<detail::raw_item>>;
    using ticket = std::uint64_t;
    struct waiting_send {
        ticket number;
        async_completion<result<void>> waiting;
        encoded_body item;
    };
    struct waiting_reader {
        ticket number;
        async_completion<item_reply> waiting;
    };
    struct arrived_item {
        detail::raw_item item;
        std::size_t cost;
    };
    /// A suspended sender and what becomes of it, to be resumed once the mutex is free.
    using resumed_sends = std::vector<std::pair<async_completion<result<void>>, result<void>>>;
    static void resume(resumed_sends& all);

    template <class T>
    void on_cancel(const async_completion<T>& waiting, ticket number);
    void give_up(ticket number);

    // With the mutex held.
    // call_stream_sending.cpp
    [[nodiscard]] std::optional<failure> refusal_of(const encoded_body& item) const;
    [[nodiscard]] failure closed_for_sending() const;
    [[nodiscard]] bool may_send_at_once(const encoded_body& item) const noexcept;
    [[nodiscard]] bool may_write() const noexcept;
    void write_item(encoded_body&& item);
    void write_end();
    void write(wire::frame_kind kind, const wire::meta& meta, std::string_view body);
    template <class Body>
    [[nodiscard]] bool write_at_once(wire::frame_kind kind, const wire::meta& meta, Body&& body);
    void move_pending();
    void await_room();
    void send_waiting(resumed_sends& sent);
    void fail_waiting(resumed_sends& failed);
    // call_stream_taking.cpp
    [[nodiscard]] std::optional<item_reply> ready_item();
    void consumed(std::size_t cost);
    void discard_items();
    // call_stream.cpp
    [[nodiscard]] bool we_send() const noexcept;
    [[nodiscard]] bool we_take() const noexcept;

    const std::shared_ptr<connection> line_;
    const bool is_caller_;
    const std::uint8_t streams_;
    std::weak_ptr<pending_call> call_;

    std::mutex mutex_;
    std::uint32_t id_ = 0;
    ticket last_ticket_ = 0;

    // What we send.
    protocol::send_credit credit_;
    std::size_t largest_item_ = 0;
    std::size_t max_frame_ = 0;
    bool awaits_room_ = false;  ///< The connection tells when it can take further items.
    std::string pending_;       ///< Frames from other threads, on their way to the strand.
    bool end_asked_ = false;
    std::optional<failure> end_failure_;
    std::list<waiting_send> waiting_sends_;

    // What we take.
    protocol::receive_credit receive_credit_;
    std::deque<arrived_item> items_;
    std::optional<waiting_reader> reader_;
    bool got_end_ = false;
    std::optional<failure> sender_failed_;
    bool is_read_ = false;     ///< Somebody asked for an item.
    bool discarding_ = false;  ///< The caller awaits the answer and reads no items.

    // The call.
    bool over_ = false;
    std::optional<failure> call_failed_;
    std::optional<result<raw_reply>> answer_;
    std::optional<async_completion<result<raw_reply>>> answer_waiter_;
};

}  // namespace echosocket::net
