// What stands behind a client: its connection, and how it comes back.
#pragma once

#include "async/async_completion.hpp"
#include "async/strand_event.hpp"
#include "client/connection_waiters.hpp"
#include "connection/connection.hpp"
#include "connection/connection_host.hpp"
#include "tasks/task_table.hpp"

#include <echosocket/client.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace echosocket {

/// One client's connections, one after the other, and the coroutine that replaces them.
///
/// Thread safety: all public members may be called from any thread; the rest runs on a strand of its own.
/// Lifetime: shared by the client's handles and by each of its connections.
class reconnecting_connection final : public net::connection_host,
                                      public std::enable_shared_from_this<reconnecting_connection> {
public:
    using connection_ptr = std::shared_ptr<net::connection>;

    reconnecting_connection(const asio::any_io_executor& executor, const client_config& config,
                            std::vector<dialer> dialers);

    /// What a client that comes back does where nobody answers at the beginning.
    enum class on_failure : std::uint8_t { close, try_again };
    /// Tries each address once; to be awaited once.
    [[nodiscard]] static asio::awaitable<result<void>> connect(std::shared_ptr<reconnecting_connection> self,
                                                               on_failure then);

    [[nodiscard]] const client_config& config() const noexcept { return config_; }
    [[nodiscard]] handlers& own_handlers() noexcept { return config_.handlers; }
    [[nodiscard]] connection_ptr line() const;
    [[nodiscard]] client_state state() const;
    /// The last connection's address and the name of its server.
    [[nodiscard]] std::pair<std::string, std::string> whereabouts() const;

    /// Calls over the connection that there is, or over the next one.
    [[nodiscard]] static asio::awaitable<result<raw_reply>> call(std::shared_ptr<reconnecting_connection> self,
                                                                 std::string_view task, encoded_body&& body,
                                                                 const call_options& options);
    /// Makes it part of what is subscribed again; false where it was already.
    bool remember_subscription(const std::string& topic);
    void forget_subscription(const std::string& topic);
    /// Asks for the end, of the connection and of coming back.
    void close();
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
    void told_to_go(net::connection_context& line) override;
    [[nodiscard]] bool has_room() const noexcept override { return true; }
    void enter_call() noexcept override {}
    void leave_call() noexcept override {}
    void count_refused(errc) noexcept override {}
    void count_drained(bool) noexcept override {}

private:
    struct end_waiter {
        net::async_completion<failure> waiting;
    };

    // client_dialling.cpp: connecting.
    void give_up_connecting();
    void initial_connect_ended(const result<void>& done, on_failure then);
    [[nodiscard]] asio::awaitable<result<void>> dial_all();
    [[nodiscard]] asio::awaitable<result<std::unique_ptr<transport>>> transport_to(std::size_t place);
    [[nodiscard]] asio::awaitable<result<connection_ptr>> dial(std::size_t place);
    [[nodiscard]] asio::awaitable<void> subscribe_again(connection_ptr line);
    [[nodiscard]] asio::awaitable<result<raw_reply>> subscribe_over(connection_ptr line,
                                                                    std::vector<std::string> topics);
    void take_over(const connection_ptr& line);
    void line_ended(const connection_ptr& line, const failure& why);

    // client_dialling.cpp: coming back.
    [[nodiscard]] bool comes_back() const noexcept { return config_.reconnect.enabled && !dialers_.empty(); }
    void start_keeper();
    [[nodiscard]] asio::awaitable<void> keep_connected();
    [[nodiscard]] asio::awaitable<void> come_back();
    [[nodiscard]] asio::awaitable<void> pause(failure why);
    void lose_line(const connection_ptr& line, const failure& why);
    /// The one place where the state changes, and is told.
    void enter(client_state next, const failure& why);
    [[nodiscard]] failure cause() const;
    void set_cause(const failure& why);

    // reconnecting_connection.cpp: waiting for a connection, and for the end.
    [[nodiscard]] static asio::awaitable<result<raw_reply>> call_over_next(
        std::shared_ptr<reconnecting_connection> self, std::string task, encoded_body body,
        std::shared_ptr<call_options> options);
    [[nodiscard]] static asio::awaitable<result<connection_ptr>> next_line(
        std::shared_ptr<reconnecting_connection> self, connection_ptr not_this, std::optional<time_point> until);
    void wait_for_line(connection_waiters::waiter_ptr waiter);
    [[nodiscard]] static failure closed_here();
    void close_now(const failure& why);
    void end_if_done();

    client_config config_;
    std::shared_ptr<task_table> table_;
    net::connection_settings settings_;
    asio::any_io_executor executor_;
    std::vector<dialer> dialers_;

    mutable std::mutex mutex_;  ///< Guards what other threads ask for.
    connection_ptr line_;
    client_state state_ = client_state::connecting;
    std::string address_;
    std::string server_name_;
    std::set<std::string> topics_;
    failure cause_{errc::connection_lost, "there is no connection yet"};  ///< Why there is none.

    // On the strand.
    std::size_t next_place_ = 0;
    std::vector<connection_ptr> running_lines_;
    std::uint64_t lines_made_ = 0;
    time_point connected_at_{};
    std::chrono::milliseconds delay_{0};  ///< Before the next round of addresses.
    bool close_asked_ = false;
    bool connecting_ = false;  ///< For the first time.
    bool keeper_running_ = false;
    net::strand_event changed_;
    asio::cancellation_signal keeper_signal_;
    connection_waiters connection_waiters_;
    std::vector<std::shared_ptr<end_waiter>> end_waiters_;
};

}  // namespace echosocket
