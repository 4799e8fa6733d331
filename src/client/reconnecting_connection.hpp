// What is behind a client: its connection, and how it reconnects.
#pragma once

#include "async/async_completion.hpp"
#include "async/strand_event.hpp"
#include "client/connection_waiters.hpp"
#include "connection/connection.hpp"
#include "connection/connection_host.hpp"
#include "connection/workload.hpp"
#include "tasks/task_table.hpp"

#include <echosocket/client.hpp>
#include <echosocket/shutdown_report.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace echosocket {

/// One client's connections, one after the other, and the coroutine that replaces a lost one.
///
/// Thread safety: all public members may be called from any thread; the rest runs on a strand of its own.
/// Lifetime: shared by the client's handles and by each of its connections.
class reconnecting_connection final : public net::connection_host,
                                      public net::strand_owner,
                                      public std::enable_shared_from_this<reconnecting_connection> {
public:
    using connection_ptr = std::shared_ptr<net::connection>;

    /// Several that are drained together share what counts their handlers.
    reconnecting_connection(const asio::any_io_executor& executor, const client_config& config,
                            std::vector<dialer> dialers,
                            std::shared_ptr<net::workload> work = std::make_shared<net::workload>());

    /// What a client that reconnects does if nobody answers at the beginning.
    enum class on_failure : std::uint8_t { close, try_again };
    /// Tries each dialer once; to be awaited once.
    [[nodiscard]] static asio::awaitable<result<void>> connect(std::shared_ptr<reconnecting_connection> self,
                                                               on_failure then);

    [[nodiscard]] const client_config& config() const noexcept { return config_; }
    [[nodiscard]] handlers& own_handlers() noexcept { return config_.handlers; }
    /// The connection that new calls go to; nullptr while there is none.
    [[nodiscard]] connection_ptr current() const;
    [[nodiscard]] client_state state() const;
    /// Of the current connection, or of the last one; empty before the first.
    [[nodiscard]] std::pair<std::string, std::string> address_and_server_name() const;

    /// Calls over the current connection, or over the next one.
    [[nodiscard]] static asio::awaitable<result<raw_reply>> call(std::shared_ptr<reconnecting_connection> self,
                                                                 std::string_view task, encoded_body&& body,
                                                                 const call_options& options);
    /// From now on each new connection subscribes to that topic. Returns false if it was remembered already.
    bool remember_subscription(const std::string& topic);
    void forget_subscription(const std::string& topic);
    /// Closes the connection and reconnects no more; returns at once.
    void close();
    /// The same once all that runs has ended, at the latest when `within` and a bit more has passed.
    void drain(std::chrono::milliseconds within);
    /// What became of that, once this has ended: `connections` and `closed`.
    [[nodiscard]] shutdown_report drain_report() const noexcept;
    [[nodiscard]] const std::shared_ptr<net::workload>& shared_work() const noexcept { return work_; }
    /// Suspends until nothing of the client is left running.
    [[nodiscard]] static asio::awaitable<failure> ended(std::shared_ptr<reconnecting_connection> self);

    // For the connections, on their strands.
    [[nodiscard]] detail::task* find_task(std::string_view name) const noexcept override { return table_->find(name); }
    [[nodiscard]] failure unknown_task(std::string_view name) const override { return table_->unknown(name); }
    [[nodiscard]] detail::task* find_listener(std::string_view topic) const noexcept override {
        return table_->find_listener(topic);
    }
    [[nodiscard]] protocol::topic_rules rules_of(std::string_view) const override {
        return {config_.notifications, {}};
    }
    void told_to_go(net::connection_context& connection) override;
    [[nodiscard]] bool may_begin_call(const net::connection_context&) const noexcept override { return true; }
    [[nodiscard]] failure no_room_for(const net::connection_context&) const override {
        return failure(errc::overloaded);
    }
    void count_refused(errc) noexcept override {}

private:
    struct drain_state {
        std::unique_ptr<alarm> due;
        bool is_overdue = false;
        std::size_t connections = 0;
        std::size_t closed_by_force = 0;
    };
    struct end_waiter {
        net::async_completion<failure> waiting;
    };

    // reconnecting.cpp: connecting.
    void start_connecting(net::async_completion<result<void>> waiting, on_failure then);
    void give_up_connecting();
    void initial_connect_ended(const result<void>& done, on_failure then);
    [[nodiscard]] asio::awaitable<result<void>> dial_all();
    [[nodiscard]] asio::awaitable<result<std::unique_ptr<transport>>> transport_to(std::size_t place);
    [[nodiscard]] asio::awaitable<result<connection_ptr>> dial(std::size_t place);
    [[nodiscard]] asio::awaitable<void> subscribe_again(connection_ptr connection);
    [[nodiscard]] asio::awaitable<result<raw_reply>> subscribe_over(connection_ptr connection,
                                                                    std::vector<std::string> topics);
    void take_over(const connection_ptr& connection);
    void connection_ended(const connection_ptr& connection, const failure& why);

    // reconnecting.cpp: reconnecting.
    [[nodiscard]] bool reconnects() const noexcept { return config_.reconnect.enabled && !dialers_.empty(); }
    void start_reconnecting();
    [[nodiscard]] asio::awaitable<void> keep_connected();
    [[nodiscard]] asio::awaitable<void> reconnect();
    [[nodiscard]] asio::awaitable<void> back_off(failure why);
    void lose(const connection_ptr& connection, const failure& why);
    void bound_left_connections();
    /// The first of these that nothing is done on.
    static void close_first_unused(std::vector<connection_ptr> oldest_first, std::size_t at);
    /// The only function that changes the state; calls `on_state`.
    void enter(client_state next, const failure& why);
    [[nodiscard]] failure cause() const;
    void set_cause(const failure& why);

    // reconnecting_connection.cpp: waiting for a connection, and for the end.
    [[nodiscard]] static asio::awaitable<result<raw_reply>> call_over_next(
        std::shared_ptr<reconnecting_connection> self, std::string task, encoded_body body,
        std::shared_ptr<call_options> options);
    [[nodiscard]] static asio::awaitable<result<connection_ptr>> next_connection(
        std::shared_ptr<reconnecting_connection> self, connection_ptr not_this, std::optional<time_point> until);
    void wait_for_connection(const connection_waiters::waiter_ptr& waiter);
    [[nodiscard]] static failure closed_here();
    [[nodiscard]] static failure context_ended();
    [[nodiscard]] static failure exception_here(const std::exception_ptr& thrown) noexcept;
    void close_now(const failure& why);
    void stop_connecting() noexcept;
    void end_if_done();
    void context_goes() noexcept override;
    void broke(const std::exception_ptr& thrown) noexcept override;

    // draining.cpp
    [[nodiscard]] bool is_leaving() const noexcept { return close_asked_ || drain_; }
    void begin_to_drain(std::chrono::milliseconds within);
    void to_each_connection(void (*what)(net::connection&));
    void no_handler_runs();
    void drain_is_overdue();
    void close_if_drained();

    client_config config_;
    std::shared_ptr<net::workload> work_;
    std::shared_ptr<task_table> table_;
    net::connection_settings settings_;
    std::vector<dialer> dialers_;

    mutable std::mutex mutex_;  ///< Guards the members up to `cause_`, which other threads read.
    connection_ptr current_;    ///< nullptr while there is none.
    client_state state_ = client_state::connecting;
    std::string address_;
    std::string server_name_;
    std::set<std::string> topics_;
    failure cause_{errc::connection_lost, "there is no connection yet"};  ///< Why there is no current connection.

    // On the strand.
    std::size_t next_dialer_ = 0;                      ///< Its place in `dialers_`.
    std::vector<connection_ptr> running_connections_;  ///< The current one, and those that still end.
    std::uint64_t connections_made_ = 0;
    time_point connected_at_{};
    std::chrono::milliseconds delay_{0};  ///< Before the next round through all dialers.
    bool close_asked_ = false;
    std::unique_ptr<drain_state> drain_;       ///< Once `drain` was called.
    bool connecting_ = false;                  ///< `connect` is running.
    bool reconnecting_ = false;                ///< `keep_connected` is running.
    net::strand_event changed_;                ///< The current connection was lost.
    asio::cancellation_signal cancel_signal_;  ///< Of whichever of the two is running.
    connection_waiters connection_waiters_;
    std::vector<std::shared_ptr<end_waiter>> end_waiters_;
};

}  // namespace echosocket
