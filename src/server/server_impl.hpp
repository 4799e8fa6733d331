// What is behind a server: its tasks, listeners, sessions and phases.
#pragma once

#include "async/async_completion.hpp"
#include "async/strand_event.hpp"
#include "async/strand_owner.hpp"
#include "connection/connection_host.hpp"
#include "connection/idempotency_cache.hpp"
#include "connection/orphaned_calls.hpp"
#include "connection/settings.hpp"
#include "connection/workload.hpp"
#include "io/listener.hpp"
#include "seeded_hash.hpp"
#include "server/admission.hpp"
#include "server/groups.hpp"
#include "server/session_registry.hpp"
#include "tasks/task_table.hpp"

#include <echosocket/server.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket {

/// Changes on the server's strand only.
enum class server_phase { idle, running, stopping, stopped };

class server::impl final : public net::connection_host,
                           private net::memory_budget::watcher,
                           public net::strand_owner,
                           public std::enable_shared_from_this<server::impl> {
public:
    impl(const asio::any_io_executor& executor, server_config config);
    ~impl();

    [[nodiscard]] const server_config& config() const noexcept { return config_; }
    [[nodiscard]] task_table& tasks() noexcept { return tasks_; }
    [[nodiscard]] const task_table& tasks() const noexcept { return tasks_; }

    // Before run().
    void add_builtin_tasks();
    result<void> listen();
    /// The same if the config names an address or a port.
    result<void> listen_if_asked();
    [[nodiscard]] std::uint16_t port() const noexcept { return port_.load(std::memory_order_acquire); }
    [[nodiscard]] std::vector<std::string> addresses() const;
    /// Errors: throws `usage_error(already_running)` on the second call.
    void begin_run();

    void on_connect(std::function<result<void>(const peer&)> callback);
    void on_disconnect(std::function<void(const peer&, const failure&)> callback);
    void on_stop(std::function<void()> callback);
    void set_rules(std::string_view topic, const queue_rules& rules);

    // On the server's strand.
    [[nodiscard]] asio::awaitable<shutdown_report> serve();
    /// Connected, and its HELLO has come.
    [[nodiscard]] static bool is_peer(const net::connection& connection) noexcept;
    [[nodiscard]] std::vector<peer> peers_that(const std::function<bool(const net::connection&)>& fit) const;
    /// One more connection, whatever becomes of it: the others are not concerned.
    void accept(std::unique_ptr<transport> io) noexcept;
    [[nodiscard]] server_stats stats() const;

    // Any thread.
    struct end {
        std::exception_ptr thrown;
        shutdown_report report;

        end() = default;
        end(std::exception_ptr what, shutdown_report how) : thrown(std::move(what)), report(how) {}
        /// `serve` has not begun, or can't tell.
        explicit end(const failure&) : thrown(std::make_exception_ptr(std::bad_alloc())) {}
    };
    /// Serves on the server's strand. If the awaiting coroutine is cancelled, the server stops.
    [[nodiscard]] asio::awaitable<end> run_to_end();
    enum class urgency { drain = 1, now = 2 };
    void stop(urgency how) noexcept;
    /// Nobody has the server any more: its addresses are free for others from now on, and `run` does not begin.
    void abandon() noexcept;
    /// All of `server::run`.
    [[nodiscard]] static asio::awaitable<result<shutdown_report>> run(std::shared_ptr<impl> self);
    [[nodiscard]] time_point now() const noexcept { return config_.clock->now(); }
    [[nodiscard]] const net::session_registry& registry() const noexcept { return registry_; }
    [[nodiscard]] echosocket::group group(std::string_view name);
    std::size_t publish(std::string_view topic, const encoded_body& body, const notify_options& options);
    void broadcast(std::string_view topic, const encoded_body& body, const notify_options& options);

    /// Calls `ask` on the server's strand and returns what it returned.
    template <class T, class Ask>
    [[nodiscard]] asio::awaitable<T> on_registry(Ask ask) {
        using answer = net::async_completion<T>;
        return answer::suspend([self = shared_from_this(), ask = std::move(ask)](answer waiting) mutable {
            auto& strand = *self;
            strand.post([self = std::move(self), ask = std::move(ask), waiting = std::move(waiting)]() mutable {
                waiting.complete(ask(*self));
            });
        });
    }

    // For the connections, on any thread.
    [[nodiscard]] detail::task* find_task(std::string_view name) const noexcept override { return tasks_.find(name); }
    [[nodiscard]] failure unknown_task(std::string_view name) const override { return tasks_.unknown(name); }
    [[nodiscard]] detail::task* find_listener(std::string_view topic) const noexcept override {
        return tasks_.find_listener(topic);
    }
    [[nodiscard]] protocol::topic_rules rules_of(std::string_view topic) const override;
    [[nodiscard]] net::idempotency_cache* results_by_key() noexcept override {
        return config_.remembered_calls == 0 ? nullptr : &idempotency_cache_;
    }
    [[nodiscard]] result<std::string> key_scope(net::connection_context& connection) override;
    [[nodiscard]] net::orphaned_calls* orphans() noexcept override { return &orphaned_calls_; }
    [[nodiscard]] result<void> opened(net::connection_context& connection) override;
    void line_closed(net::connection_context& connection) override;
    void ended(net::connection_context& connection, const failure& why) override;
    [[nodiscard]] failure no_room_for(const net::connection_context& of) const override {
        return admission_.no_room_for(of);
    }
    [[nodiscard]] std::atomic<std::size_t>* calls_from_address_of(
        const net::connection_context& connection) noexcept override {
        return admission_.calls_of(connection.address());
    }
    void count_refused(errc reason) noexcept override { refused_.add(reason); }

private:
    using connection_ptr = net::session_registry::connection_ptr;

    void context_goes() noexcept override;
    void broke(const std::exception_ptr& thrown) noexcept override;
    void admit(std::unique_ptr<transport> io);
    void start_accepting();
    void accept_loop_ended(const std::exception_ptr& thrown) noexcept;
    void start(const connection_ptr& session);
    void stop_accepting();
    [[nodiscard]] asio::awaitable<shutdown_report> shut_down();
    void begin_to_stop();
    void say_goaway_to_all();
    /// Lets all sessions go as soon as no handler runs any more. Returns true once no session is left, false if `bound`
    /// has passed or a more urgent stop than `level` was asked for.
    [[nodiscard]] asio::awaitable<bool> until_empty(std::chrono::milliseconds bound, urgency level);
    void post_to_all(void (*what)(net::connection&));
    void connection_ended(const connection_ptr& session, const failure& why) noexcept;
    void forget(const connection_ptr& session, const failure& why);
    void add_subscription_tasks();
    [[nodiscard]] result<void> call_on_connect(const std::function<result<void>(const peer&)>& callback,
                                               const peer& who);
    [[nodiscard]] protocol::notification_ptr make_notification(std::string_view topic, const encoded_body& body,
                                                               const notify_options& options) const;
    /// Before a list is walked: one of which not all can be subscribed is not worth the time.
    [[nodiscard]] result<void> check_size_of(const std::vector<std::string>& topics) const;
    [[nodiscard]] result<void> subscribe(const peer& who, const std::vector<std::string>& topics);
    [[nodiscard]] result<void> unsubscribe(const peer& who, const std::vector<std::string>& topics);
    [[nodiscard]] bool may_begin_call(const net::connection_context& of) const noexcept override {
        return admission_.has_room(of);
    }
    void memory_is_short(bool is_short) noexcept override;
    void memory_is_exceeded() noexcept override;
    /// Closes whichever connection holds most memory, if all hold too much.
    void free_memory();
    [[nodiscard]] std::optional<std::string> reason_to_refuse(std::string_view address) const;
    void log(log_level level, std::string_view text) const noexcept { callbacks().log(level, text); }

    server_config config_;
    net::memory_budget memory_;
    std::atomic<bool> frees_memory_ = false;  ///< From when it is asked for to when the connection is closed.
    net::connection_settings settings_;
    task_table tasks_;
    std::vector<std::function<result<void>(const peer&)>> on_connect_;
    std::vector<std::function<void(const peer&, const failure&)>> on_disconnect_;
    std::vector<std::function<void()>> on_stop_;
    name_map<queue_rules> rules_;  ///< Of topics that have their own.
    std::shared_ptr<net::flush_scheduler> flush_scheduler_;
    std::shared_ptr<group_table> groups_;
    net::idempotency_cache idempotency_cache_;
    net::orphaned_calls orphaned_calls_;
    net::session_registry registry_;
    net::workload work_;
    admission admission_;

    std::vector<std::unique_ptr<net::listener>> listeners_;
    std::atomic<std::uint16_t> port_ = 0;
    std::size_t accepting_ = 0;
    std::exception_ptr failed_;                               ///< What ended an accept loop; `run()` ends with it.
    std::vector<std::unique_ptr<transport>> attached_early_;  ///< Attached before `run()`.
    std::size_t refusing_ = 0;  ///< Sessions that live only to be told why they are refused.

    std::atomic<bool> run_called_ = false;
    server_phase phase_ = server_phase::idle;
    int stop_asked_ = 0;           ///< An `urgency`, 0 for none.
    bool all_are_let_go_ = false;  ///< No handler needs any session any more.
    net::strand_event changed_;
    time_point began_at_{};
    std::uint64_t last_session_ = 0;
    std::uint64_t accepted_ = 0;
    net::reason_counts refused_;
};

}  // namespace echosocket
