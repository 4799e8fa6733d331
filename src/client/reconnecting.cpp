// How a client makes its connections: for the first time, and again.
#include "client/reconnecting_connection.hpp"

#include "connection/start_call.hpp"
#include "random_numbers.hpp"
#include "wire/utf8.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <random>

namespace echosocket {

namespace {

using std::chrono::milliseconds;

asio::awaitable<result<void>> until_hello(std::shared_ptr<net::connection> line) {
    using waiting_for = net::async_completion<result<void>>;
    return waiting_for::suspend([line](waiting_for waiting) {
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([line](asio::cancellation_type) {
                asio::post(line->executor(),
                           [line] { line->abort(failure(errc::cancelled, "connecting was given up")); });
            });
        }
        asio::post(line->executor(),
                   [line, waiting = std::move(waiting)]() mutable { line->await_hello(std::move(waiting)); });
    });
}

}  // namespace

// Connecting.

asio::awaitable<result<void>> reconnecting_connection::connect(std::shared_ptr<reconnecting_connection> self,
                                                               on_failure then) {
    using waiting_for = net::async_completion<result<void>>;
    return waiting_for::suspend([self, then](waiting_for waiting) {
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([link = std::weak_ptr(self)](asio::cancellation_type) {
                if (const auto connecting = link.lock())
                    asio::post(connecting->executor_, [connecting] { connecting->give_up_connecting(); });
            });
        }
        asio::post(self->executor_, [self, then, waiting = std::move(waiting)]() mutable {
            self->connecting_ = true;
            auto dialled = [self, then, waiting = std::move(waiting)](std::exception_ptr thrown,
                                                                      result<void> done) mutable {
                if (thrown) done = failure(errc::cancelled, "connecting was given up");
                self->initial_connect_ended(done, then);
                waiting.complete(std::move(done));
            };
            asio::co_spawn(self->executor_, self->dial_all(),
                           asio::bind_cancellation_slot(self->keeper_signal_.slot(), std::move(dialled)));
        });
    });
}

void reconnecting_connection::give_up_connecting() {
    if (connecting_) keeper_signal_.emit(asio::cancellation_type::terminal);
}

void reconnecting_connection::initial_connect_ended(const result<void>& done, on_failure then) {
    connecting_ = false;
    const bool goes_on = done || (then == on_failure::try_again && done.error().code != errc::cancelled);
    if (!done) {  // the second round is not at once
        connected_at_ = config_.clock->now();
        delay_ = config_.reconnect.first_delay;
    }
    if (!close_asked_ && goes_on && comes_back()) return start_keeper();
    if (!done) close_now(done.error());
    end_if_done();
}

asio::awaitable<result<void>> reconnecting_connection::dial_all() {
    failure last = cause();
    for (std::size_t tried = 0; tried != dialers_.size() && !close_asked_; ++tried) {
        const auto place = next_place_;
        next_place_ = (place + 1) % dialers_.size();
        enter(client_state::connecting, last);
        auto line = co_await dial(place);
        if (line) {
            co_await subscribe_again(*line);
            // Closed meanwhile: the line is on its way to its end already.
            if (close_asked_) break;
            if ((*line)->connected()) {
                take_over(*line);
                co_return result<void>();
            }
            last = failure(errc::connection_lost, "the connection was lost as soon as it was made");
        } else {
            last = std::move(line.error());
        }
        if (last.code == errc::cancelled) break;
    }
    if (close_asked_) co_return cause();
    set_cause(last);
    co_return last;
}

asio::awaitable<result<std::unique_ptr<transport>>> reconnecting_connection::transport_to(std::size_t place) {
    // The user's own code, which may throw: no reason to give up the other addresses.
    failure why;
    try {
        auto line = co_await dialers_[place]();
        if (!line || *line) co_return line;
        why = failure(errc::connect_failed, "the dialer made no transport");
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) throw;
        why = failure(errc::connect_failed, e.what());
    } catch (const std::exception& e) {
        why = failure(errc::connect_failed, e.what());
    }
    co_return why;
}

asio::awaitable<result<reconnecting_connection::connection_ptr>> reconnecting_connection::dial(std::size_t place) {
    auto transport = co_await transport_to(place);
    if (!transport) co_return std::move(transport.error());
    std::shared_ptr<const net::connection_settings> settings(shared_from_this(), &settings_);
    auto line =
        std::make_shared<net::connection>(++lines_made_, executor_, std::move(*transport), std::move(settings), *this);
    running_lines_.push_back(line);
    asio::co_spawn(line->executor(), line->run(), [self = shared_from_this(), line](std::exception_ptr) {
        asio::post(self->executor_, [self, line] { self->line_ended(line, line->cause()); });
    });
    auto greeted = co_await until_hello(line);
    if (!greeted) co_return std::move(greeted.error());
    co_return line;
}

asio::awaitable<void> reconnecting_connection::subscribe_again(connection_ptr line) {
    std::vector<std::string> topics;
    {
        const std::lock_guard lock(mutex_);
        topics.assign(topics_.begin(), topics_.end());
    }
    if (topics.empty()) co_return;
    auto all = co_await subscribe_over(line, topics);
    if (all || topics.size() == 1 || !line->connected()) co_return;
    // One that is not allowed any more keeps none of the others out.
    for (const auto& topic : topics) {
        std::vector<std::string> one(1, topic);
        (void)co_await subscribe_over(line, std::move(one));
    }
}

asio::awaitable<result<raw_reply>> reconnecting_connection::subscribe_over(connection_ptr line,
                                                                           std::vector<std::string> topics) {
    const auto options = with_timeout(config_.connect_timeout);
    auto subscribed = co_await start_call(line, "$subscribe", encode_arguments(topics), options);
    if (!subscribed)
        line->log(log_level::warning, "could not subscribe again: " + wire::printable(subscribed.error().message()));
    co_return subscribed;
}

void reconnecting_connection::take_over(const connection_ptr& line) {
    connected_at_ = config_.clock->now();
    {
        const std::lock_guard lock(mutex_);
        line_ = line;
        address_ = line->address();
        server_name_ = line->name();
    }
    enter(client_state::connected, {});
    connection_waiters_.release(line);
    // Its end may have been told before it was this client's.
    if (!line->connected())
        lose_line(line, failure(errc::connection_lost, "the connection was lost as soon as it was made"));
}

void reconnecting_connection::line_ended(const connection_ptr& line, const failure& why) {
    std::erase(running_lines_, line);
    lose_line(line, why);
    end_if_done();
}

// Coming back.

void reconnecting_connection::told_to_go(net::connection_context& line) {
    if (!comes_back()) return;
    // What runs there may finish; everything new goes to the next address.
    asio::post(executor_,
               [self = shared_from_this(), line = std::static_pointer_cast<net::connection>(line.shared_from_this())] {
                   self->lose_line(line, failure(errc::shutting_down, "the server is shutting down"));
               });
}

void reconnecting_connection::lose_line(const connection_ptr& line, const failure& why) {
    {
        const std::lock_guard lock(mutex_);
        if (line_ != line) return;
        line_ = nullptr;
        cause_ = why;
    }
    if (close_asked_) return;
    if (!comes_back()) return close_now(why);
    enter(client_state::waiting, why);
    changed_.notify();
}

void reconnecting_connection::start_keeper() {
    keeper_running_ = true;
    asio::co_spawn(executor_, keep_connected(),
                   asio::bind_cancellation_slot(keeper_signal_.slot(), [self = shared_from_this()](std::exception_ptr) {
                       self->keeper_running_ = false;
                       self->close_now(closed_here());
                       self->end_if_done();
                   }));
}

asio::awaitable<void> reconnecting_connection::keep_connected() {
    while (!close_asked_) {
        if (line()) {
            co_await changed_.wait();
        } else {
            co_await come_back();
        }
    }
}

asio::awaitable<void> reconnecting_connection::come_back() {
    // A connection that lived for long tells that the server is well; after a short one patience goes on growing, or
    // a server that takes everybody in and closes at once would be asked without end.
    if (config_.clock->now() - connected_at_ >= config_.reconnect.max_delay) delay_ = milliseconds(0);
    for (unsigned round = 1; !close_asked_; ++round) {
        co_await pause(cause());
        auto back = co_await dial_all();
        if (back || close_asked_) co_return;
        if (config_.reconnect.max_rounds != 0 && round >= config_.reconnect.max_rounds) close_now(back.error());
    }
}

asio::awaitable<void> reconnecting_connection::pause(failure why) {
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
