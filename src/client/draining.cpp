// How a client leaves in order: GOAWAY, what runs may finish, then the end.
#include "client/draining.hpp"
#include "client/reconnecting_connection.hpp"
#include "protocol/settings.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace echosocket {

namespace {

using std::chrono::milliseconds;

// For handlers that were cancelled at the end of a drain, to be answered.
constexpr milliseconds time_to_unwind{2'000};

}  // namespace

void reconnecting_connection::drain(milliseconds within) {
    if (state() == client_state::closed) return;
    // It counts as a handler until all connections know of it.
    work_->count_posted([&] {
        post([self = shared_from_this(), within] {
            self->guard([&] { self->begin_to_drain(within); });
            self->work_->handler_ended();
        });
    });
}

void reconnecting_connection::begin_to_drain(milliseconds within) {
    if (is_leaving()) return;
    drain_ = std::make_unique<drain_state>();
    drain_->connections = running_connections_.size();
    drain_->due = config_.clock->make_alarm(executor());
    const auto bound = std::clamp(within, milliseconds(0), protocol::longest_timeout);
    drain_->due->set(config_.clock->now() + bound, [this] { guard([this] { drain_is_overdue(); }); });
    work_->stop([draining = weak_from_this()] {
        if (const auto self = draining.lock()) self->post([self] { self->no_handler_runs(); });
    });
    // No further connection is made, so nobody gets one.
    connection_waiters_.release(closed_here());
    stop_connecting();
    to_each_connection([](net::connection& c) { c.drain(); });
    close_if_drained();
}

// What is on its way to a connection counts as a handler, so that nothing of it is overtaken by `no_handler_runs`.
void reconnecting_connection::to_each_connection(void (*what)(net::connection&)) {
    const auto tell = [&](const std::shared_ptr<net::connection>& connection) {
        connection->post([work = work_, connection, what] {
            connection->guard([&] { what(*connection); });
            work->handler_ended();
        });
    };
    for (const auto& connection : running_connections_)
        callbacks().call("draining a client", [&] { work_->count_posted([&] { tell(connection); }); });
}

// Neither here nor at those that are drained together. Calls of this end may still run; each connection waits for its
// own, until the time is up.
void reconnecting_connection::no_handler_runs() {
    if (!drain_ || close_asked_ || work_->handlers() != 0) return;
    if (drain_->is_overdue) return close_now(closed_here());
    for (const auto& connection : running_connections_) connection->post([connection] { connection->let_go(); });
}

void reconnecting_connection::drain_is_overdue() {
    if (close_asked_) return;
    if (drain_->is_overdue) {
        drain_->closed_by_force = running_connections_.size();
        close_now(closed_here());
        // Not in order: the other end may read nothing.
        for (const auto& connection : running_connections_)
            connection->post([connection] { connection->abort(closed_here()); });
        return;
    }
    drain_->is_overdue = true;
    callbacks().log(log_level::warning, "calls still running at the end of the drain are cancelled");
    to_each_connection([](net::connection& c) { c.cancel_running(); });
    drain_->due->set(config_.clock->now() + time_to_unwind, [this] { guard([this] { drain_is_overdue(); }); });
}

void reconnecting_connection::close_if_drained() {
    if (drain_ && running_connections_.empty() && !connecting_ && !reconnecting_) close_now(closed_here());
}

shutdown_report reconnecting_connection::drain_report() const noexcept {
    shutdown_report report;
    if (!drain_) return report;
    report.connections = drain_->connections;
    report.closed = drain_->closed_by_force;
    return report;
}

asio::awaitable<shutdown_report> drain_all(std::vector<std::shared_ptr<reconnecting_connection>> clients,
                                           milliseconds within) {
    const auto& clock = *clients.front()->config().clock;
    const auto work = clients.front()->shared_work();
    const auto begin = clock.now();
    // None is let go before all know of it.
    work->count_posted([&] {
        for (const auto& each : clients) each->drain(within);
    });
    work->handler_ended();
    shutdown_report report;
    for (const auto& each : clients) {
        (void)co_await reconnecting_connection::ended(each);
        // What a connection ended with may be named so too.
        const auto state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) break;
        const auto of_it = each->drain_report();
        report.connections += of_it.connections;
        report.closed += of_it.closed;
    }
    report.drained = work->drained();
    report.cancelled = work->cancelled();
    report.took = std::chrono::duration_cast<milliseconds>(clock.now() - begin);
    co_return report;
}

}  // namespace echosocket
