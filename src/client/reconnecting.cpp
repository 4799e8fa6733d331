// How a client connects, for the first time and again.
#include "client/reconnecting_connection.hpp"

#include "connection/start_call.hpp"
#include "random_numbers.hpp"
#include "wire/utf8.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iterator>
#include <random>
#include <vector>

namespace echosocket {

namespace {

using std::chrono::milliseconds;

/// Did the user give up connecting? A server that answers `cancelled` has no say in that.
bool was_given_up(const failure& why) noexcept {
    return why.code == errc::cancelled && why.origin == failure_origin::this_end;
}

bool was_aborted(const std::exception_ptr& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& e) {
        return e.code() == asio::error::operation_aborted;
    } catch (...) {
        return false;
    }
}

// Connections that servers have told to go, and have not closed yet.
constexpr std::size_t most_left_open = 16;

asio::awaitable<result<void>> until_hello(std::shared_ptr<net::connection> connection) {
    using waiting_for = net::async_completion<result<void>>;
    return waiting_for::suspend([connection](waiting_for waiting) {
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([connection](asio::cancellation_type) {
                connection->post(
                    [connection] { connection->abort(failure(errc::cancelled, "connecting was given up")); });
            });
        }
        connection->post(
            [connection, waiting = std::move(waiting)]() mutable { connection->await_hello(std::move(waiting)); });
    });
}

}  // namespace

// Connecting.

asio::awaitable<result<void>> reconnecting_connection::connect(std::shared_ptr<reconnecting_connection> self,
                                                               on_failure then) {
    using waiting_for = net::async_completion<result<void>>;
    return waiting_for::suspend([self, then](waiting_for waiting) {
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([connecting = std::weak_ptr(self)](asio::cancellation_type) {
                if (const auto running = connecting.lock()) running->post([running] { running->give_up_connecting(); });
            });
        }
        self->post(
            [self, then, waiting = std::move(waiting)]() mutable { self->start_connecting(std::move(waiting), then); });
    });
}

void reconnecting_connection::start_connecting(net::async_completion<result<void>> waiting, on_failure then) {
    connecting_ = true;
    auto dialled = [self = shared_from_this(), then, waiting = std::move(waiting)](const std::exception_ptr& thrown,
                                                                                   result<void> done) mutable {
        if (thrown)
            done = was_aborted(thrown) ? failure(errc::cancelled, "connecting was given up") : exception_here(thrown);
        self->guard([&] { self->initial_connect_ended(done, then); });
        waiting.complete(std::move(done));
    };
    try {
        asio::co_spawn(executor(), dial_all(), asio::bind_cancellation_slot(cancel_signal_.slot(), std::move(dialled)));
    } catch (...) {
        connecting_ = false;
        throw;
    }
}

void reconnecting_connection::give_up_connecting() {
    if (connecting_) stop_connecting();
}

void reconnecting_connection::initial_connect_ended(const result<void>& done, on_failure then) {
    connecting_ = false;
    const bool goes_on = done || (then == on_failure::try_again && !was_given_up(done.error()));
    if (!done) {  // wait before the second round
        connected_at_ = config_.clock->now();
        delay_ = config_.reconnect.first_delay;
    }
    if (!is_leaving() && goes_on && reconnects()) return start_reconnecting();
    if (!done) close_now(done.error());
    close_if_drained();
    end_if_done();
}

asio::awaitable<result<void>> reconnecting_connection::dial_all() {
    failure last = cause();
    for (std::size_t tried = 0; tried != dialers_.size() && !is_leaving(); ++tried) {
        const auto place = next_dialer_;
        next_dialer_ = (place + 1) % dialers_.size();
        enter(client_state::connecting, last);
        auto connection = co_await dial(place);
        if (connection) {
            co_await subscribe_again(*connection);
            // Closed meanwhile: the connection is closing already.
            if (is_leaving()) break;
            if ((*connection)->connected()) {
                take_over(*connection);
                co_return result<void>();
            }
            last = failure(errc::connection_lost, "the connection was lost as soon as it was made");
        } else {
            last = std::move(connection.error());
        }
        if (was_given_up(last)) break;
    }
    if (is_leaving()) co_return close_asked_ ? cause() : closed_here();
    set_cause(last);
    co_return last;
}

asio::awaitable<result<std::unique_ptr<transport>>> reconnecting_connection::transport_to(std::size_t place) {
    // A dialer is the user's code and may throw; the other addresses are tried all the same.
    failure why(errc::connect_failed, "the dialer made no transport");
    try {
        auto io = co_await dialers_[place]();
        if (!io || *io) co_return io;
    } catch (...) {
        const auto thrown = std::current_exception();
        if (was_aborted(thrown)) throw;
        callbacks().threw("a dialer", thrown);
        why.detail = net::text_of(thrown);
    }
    co_return why;
}

asio::awaitable<result<reconnecting_connection::connection_ptr>> reconnecting_connection::dial(std::size_t place) {
    auto transport = co_await transport_to(place);
    if (!transport) co_return std::move(transport.error());
    if (is_leaving()) co_return closed_here();
    std::shared_ptr<const net::connection_settings> settings(shared_from_this(), &settings_);
    auto address = (*transport)->remote_address();
    auto connection = std::make_shared<net::connection>(++connections_made_, std::move(address), executor(),
                                                        std::move(*transport), std::move(settings), *this);
    running_connections_.push_back(connection);
    try {
        asio::co_spawn(connection->executor(), connection->run(),
                       [self = shared_from_this(), connection](const std::exception_ptr&) {
                           self->post([self, connection] { self->connection_ended(connection, connection->cause()); });
                       });
    } catch (...) {
        std::erase(running_connections_, connection);
        throw;
    }
    auto greeted = co_await until_hello(connection);
    if (!greeted) co_return std::move(greeted.error());
    co_return connection;
}

asio::awaitable<void> reconnecting_connection::subscribe_again(connection_ptr connection) {
    std::vector<std::string> topics;
    {
        const std::lock_guard lock(mutex_);
        topics.assign(topics_.begin(), topics_.end());
    }
    if (topics.empty()) co_return;
    auto all = co_await subscribe_over(connection, topics);
    if (all || topics.size() == 1 || !connection->connected()) co_return;
    // One by one: a topic that is not allowed any more must not keep out the others.
    for (const auto& topic : topics) {
        std::vector<std::string> one(1, topic);
        (void)co_await subscribe_over(connection, std::move(one));
    }
}

asio::awaitable<result<raw_reply>> reconnecting_connection::subscribe_over(connection_ptr connection,
                                                                           std::vector<std::string> topics) {
    const auto options = with_timeout(config_.connect_timeout);
    auto subscribed = co_await start_call(connection, "$subscribe", encode_arguments(topics), options);
    if (!subscribed)
        connection->log(log_level::warning,
                        "could not subscribe again: " + wire::printable(subscribed.error().message()));
    co_return subscribed;
}

void reconnecting_connection::take_over(const connection_ptr& connection) {
    connected_at_ = config_.clock->now();
    {
        const std::lock_guard lock(mutex_);
        current_ = connection;
        address_ = connection->address();
        server_name_ = connection->name();
    }
    enter(client_state::connected, {});
    connection_waiters_.release(connection);
    // Its end may have been handled before it became the current one.
    if (!connection->connected())
        lose(connection, failure(errc::connection_lost, "the connection was lost as soon as it was made"));
}

void reconnecting_connection::connection_ended(const connection_ptr& connection, const failure& why) {
    std::erase(running_connections_, connection);
    lose(connection, why);
    close_if_drained();
    end_if_done();
}

// Reconnecting.

void reconnecting_connection::told_to_go(net::connection_context& connection) {
    if (!reconnects()) return;
    // Running calls may finish there; new ones go to the next address.
    post([self = shared_from_this(),
          connection = std::static_pointer_cast<net::connection>(connection.shared_from_this())] {
        self->lose(connection, failure(errc::shutting_down, "the server is shutting down"));
        self->bound_left_connections();
    });
}

// Servers close the connections that they told to go. Of one that never does, the client does not collect them.
void reconnecting_connection::bound_left_connections() {
    std::vector<connection_ptr> open;
    std::ranges::copy_if(running_connections_, std::back_inserter(open), &net::connection::connected);
    if (open.size() > most_left_open) close_first_unused(std::move(open), 0);
}

void reconnecting_connection::close_first_unused(std::vector<connection_ptr> oldest_first, std::size_t at) {
    if (at == oldest_first.size()) return;
    auto& candidate = *oldest_first[at];
    candidate.post([oldest_first = std::move(oldest_first), at]() mutable {
        if (!oldest_first[at]->close_if_unused(closed_here())) close_first_unused(std::move(oldest_first), at + 1);
    });
}

void reconnecting_connection::lose(const connection_ptr& connection, const failure& why) {
    {
        const std::lock_guard lock(mutex_);
        if (current_ != connection) return;
        current_ = nullptr;
        cause_ = why;
    }
    if (is_leaving()) return;
    if (!reconnects()) return close_now(why);
    enter(client_state::waiting, why);
    changed_.notify();
}

void reconnecting_connection::start_reconnecting() {
    reconnecting_ = true;
    auto ended = [self = shared_from_this()](const std::exception_ptr& thrown) {
        self->reconnecting_ = false;
        const bool failed = thrown && !was_aborted(thrown);
        self->guard([&] {
            if (failed) return self->close_now(exception_here(thrown));
            self->drain_ ? self->close_if_drained() : self->close_now(closed_here());
        });
        self->end_if_done();
    };
    try {
        asio::co_spawn(executor(), keep_connected(),
                       asio::bind_cancellation_slot(cancel_signal_.slot(), std::move(ended)));
    } catch (...) {
        reconnecting_ = false;
        throw;
    }
}

asio::awaitable<void> reconnecting_connection::keep_connected() {
    while (!is_leaving()) {
        if (current()) {
            co_await changed_.wait();
        } else {
            co_await reconnect();
        }
    }
}

asio::awaitable<void> reconnecting_connection::reconnect() {
    // After a long connection the first round starts at once. After a short one the delay goes on growing, or a server
    // that accepts and closes at once would be called without pause.
    if (config_.clock->now() - connected_at_ >= config_.reconnect.max_delay) delay_ = milliseconds(0);
    for (unsigned round = 1; !is_leaving(); ++round) {
        co_await back_off(cause());
        auto back = co_await dial_all();
        if (back || is_leaving()) co_return;
        if (config_.reconnect.max_rounds != 0 && round >= config_.reconnect.max_rounds) close_now(back.error());
    }
}

asio::awaitable<void> reconnecting_connection::back_off(failure why) {
    const auto& policy = config_.reconnect;
    const auto delay = delay_;
    delay_ = std::clamp(2 * delay, policy.first_delay, policy.max_delay);
    if (delay.count() == 0) co_return;
    enter(client_state::waiting, why);
    std::uniform_int_distribution<milliseconds::rep> shorter(0, delay.count() * policy.jitter_percent / 100);
    const milliseconds shortened = delay - milliseconds(shorter(random_numbers()));
    co_await sleep_for(*config_.clock, shortened);
}

}  // namespace echosocket
