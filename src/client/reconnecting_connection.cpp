#include "client/reconnecting_connection.hpp"

#include "async/strand.hpp"
#include "connection/start_call.hpp"
#include "protocol/settings.hpp"
#include "random_numbers.hpp"

#include <algorithm>

namespace echosocket {

namespace {

using std::chrono::milliseconds;

/// Did the call fail because its connection did, or at a server that leaves? That one refuses calls, and may end with
/// those that run. What a task answers says nothing about its connection.
bool is_worth_another_connection(const failure& why) noexcept {
    const bool server_leaves = why.code == errc::shutting_down && why.origin != failure_origin::task;
    return is_connection_error(why) || server_leaves;
}

}  // namespace

std::string_view name_of(client_state state) noexcept {
    switch (state) {
        case client_state::connecting:
            return "connecting";
        case client_state::connected:
            return "connected";
        case client_state::waiting:
            return "waiting";
        case client_state::closed:
            return "closed";
    }
    return "unknown";
}

reconnecting_connection::reconnecting_connection(const asio::any_io_executor& executor, const client_config& config,
                                                 std::vector<dialer> dialers, std::shared_ptr<net::workload> work)
    : connection_host(config.log, *config.clock, *work),
      strand_owner(executor),
      config_(config),
      work_(std::move(work)),
      table_(config.handlers.table()),
      settings_(net::settings_of(config)),
      dialers_(std::move(dialers)),
      connection_waiters_(*config_.clock, *this, config_.limits.max_queued_calls) {
    if (config_.order == address_order::random) std::ranges::shuffle(dialers_, random_numbers());
}

reconnecting_connection::connection_ptr reconnecting_connection::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

client_state reconnecting_connection::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

failure reconnecting_connection::cause() const {
    const std::lock_guard lock(mutex_);
    return cause_;
}

void reconnecting_connection::set_cause(const failure& why) {
    const std::lock_guard lock(mutex_);
    cause_ = why;
}

std::pair<std::string, std::string> reconnecting_connection::address_and_server_name() const {
    const std::lock_guard lock(mutex_);
    return {address_, server_name_};
}

void reconnecting_connection::enter(client_state next, const failure& why) {
    {
        const std::lock_guard lock(mutex_);
        if (state_ == client_state::closed || (state_ == next && next != client_state::connecting)) return;
        state_ = next;
        if (next != client_state::connected) cause_ = why;
    }
    if (config_.on_state) callbacks().call("on_state", [&] { config_.on_state(next, why); });
}

// Calls, over the current connection or the next one.

asio::awaitable<result<raw_reply>> reconnecting_connection::call(std::shared_ptr<reconnecting_connection> self,
                                                                 std::string_view task, encoded_body&& body,
                                                                 const call_options& options) {
    if (self->context_has_gone()) return net::already<result<raw_reply>>(context_ended());
    auto connection = self->current();
    const bool waits_for_next =
        self->reconnects() && (!options.idempotency_key.empty() || !connection || !connection->connected());
    if (connection && !waits_for_next) return start_call(std::move(connection), task, std::move(body), options);
    if (!waits_for_next) {
        auto why = self->cause();
        why.started = false;
        return net::already<result<raw_reply>>(std::move(why));
    }
    auto kept = std::make_shared<call_options>(options);
    return call_over_next(std::move(self), std::string(task), std::move(body), std::move(kept));
}

asio::awaitable<result<raw_reply>> reconnecting_connection::call_over_next(
    std::shared_ptr<reconnecting_connection> self, std::string task, encoded_body body,
    std::shared_ptr<call_options> options) {
    // One deadline for the whole call, however often it is sent.
    const auto timeout = options->timeout.value_or(self->config_.call_timeout);
    if (timeout.count() != 0) {
        const auto due = self->config_.clock->now() + std::min(timeout, protocol::longest_timeout);
        options->deadline = std::min(options->deadline.value_or(due), due);
        options->timeout = milliseconds(0);
    }
    connection_ptr last;
    bool may_have_started = false;
    for (;;) {
        auto connection = co_await next_connection(self, last, options->deadline);
        if (!connection) {
            failure why = std::move(connection.error());
            why.started = why.started || may_have_started;
            co_return why;
        }
        last = *connection;
        encoded_body copy = body;
        auto reply = co_await start_call(last, task, std::move(copy), *options);
        const bool lost = !reply && is_worth_another_connection(reply.error());
        if (!lost || options->idempotency_key.empty()) co_return reply;
        may_have_started = may_have_started || reply.error().started;
    }
}

asio::awaitable<result<reconnecting_connection::connection_ptr>> reconnecting_connection::next_connection(
    std::shared_ptr<reconnecting_connection> self, connection_ptr not_this, std::optional<time_point> until) {
    using waiting_for = connection_waiters::completion;
    return waiting_for::suspend([self, not_this = std::move(not_this), until](waiting_for waiting) {
        auto slot = waiting.slot();
        auto waiter = std::make_shared<connection_waiters::waiter>(
            connection_waiters::waiter{std::move(waiting), not_this, until, 0});
        if (slot.is_connected()) {
            slot.assign([self, given_up = std::weak_ptr(waiter)](asio::cancellation_type) {
                self->post([self, given_up] {
                    if (const auto left = given_up.lock()) self->connection_waiters_.give_up(left);
                });
            });
        }
        self->post([self, waiter] { self->wait_for_connection(waiter); });
    });
}

void reconnecting_connection::wait_for_connection(const connection_waiters::waiter_ptr& waiter) {
    if (const auto now = current(); now && now != waiter->not_this && now->connected())
        return waiter->waiting.complete(now);
    if (close_asked_) return waiter->waiting.complete(cause_);
    if (drain_) return waiter->waiting.complete(closed_here());
    connection_waiters_.add(waiter);
}

bool reconnecting_connection::remember_subscription(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    return topics_.insert(topic).second;
}

void reconnecting_connection::forget_subscription(const std::string& topic) {
    const std::lock_guard lock(mutex_);
    topics_.erase(topic);
}

// The end.

failure reconnecting_connection::closed_here() {
    return failure(errc::connection_closed, "this side closed the connection");
}

failure reconnecting_connection::exception_here(const std::exception_ptr& thrown) noexcept {
    failure why(errc::connection_closed, "out of memory");
    try {
        why.detail = "this side met an exception: " + net::text_of(thrown);
    } catch (...) {  // the short text says enough
    }
    return why;
}

// The client may be in the midst of something: it ends.
void reconnecting_connection::broke(const std::exception_ptr& thrown) noexcept {
    callbacks().threw("the client's own work", thrown);
    callbacks().call("the client's end", [&] { close_now(exception_here(thrown)); });
}

failure reconnecting_connection::context_ended() {
    return failure(errc::connection_lost, "the io_context of this client has ended");
}

void reconnecting_connection::context_goes() noexcept {
    const auto keep = shared_from_this();
    {
        const std::lock_guard lock(mutex_);
        current_ = nullptr;
        state_ = client_state::closed;
        if (!std::exchange(close_asked_, true)) cause_ = context_ended();
    }
    running_connections_.clear();
    drain_.reset();
    work_->context_goes();
    connection_waiters_.context_goes(cause_);
    for (const auto& waiter : std::exchange(end_waiters_, {})) waiter->waiting.complete(cause_);
    changed_.drop();
    cancel_signal_.slot().clear();
}

void reconnecting_connection::close() {
    if (state() == client_state::closed) return;
    post([self = shared_from_this()] { self->close_now(closed_here()); });
}

// Asked for once, so that no step of it may keep the others from being done.
void reconnecting_connection::close_now(const failure& why) {
    if (std::exchange(close_asked_, true)) return;
    if (drain_ && drain_->due) callbacks().call("the alarm of a drain", [this] { drain_->due->cancel(); });
    callbacks().call("closing a client", [&] { enter(client_state::closed, why); });
    for (const auto& connection : running_connections_) {
        callbacks().call("closing a client",
                         [&] { connection->post([connection] { connection->close(closed_here()); }); });
    }
    stop_connecting();
    callbacks().call("closing a client", [&] { connection_waiters_.release(why); });
    end_if_done();
}

// A dialer is the user's code, and so is what handles its cancellation.
void reconnecting_connection::stop_connecting() noexcept {
    if (!reconnecting_ && !connecting_) return;
    callbacks().call("a dialer's cancellation handler",
                     [this] { cancel_signal_.emit(asio::cancellation_type::terminal); });
}

void reconnecting_connection::end_if_done() {
    if (!close_asked_ || connecting_ || reconnecting_ || !running_connections_.empty()) return;
    for (const auto& waiter : std::exchange(end_waiters_, {})) waiter->waiting.complete(cause_);
}

asio::awaitable<failure> reconnecting_connection::ended(std::shared_ptr<reconnecting_connection> self) {
    if (self->context_has_gone()) return net::already<failure>(self->cause());
    using waiting_for = net::async_completion<failure>;
    return waiting_for::suspend([self](waiting_for waiting) {
        auto slot = waiting.slot();
        auto waiter = std::make_shared<end_waiter>(end_waiter{std::move(waiting)});
        if (slot.is_connected()) {
            slot.assign([self, given_up = std::weak_ptr(waiter)](asio::cancellation_type) {
                self->post([self, given_up] {
                    const auto left = given_up.lock();
                    if (left && std::erase(self->end_waiters_, left) != 0)
                        left->waiting.complete(
                            failure(errc::cancelled, "waiting for the connection's end was given up"));
                });
            });
        }
        self->post([self, waiter] {
            self->end_waiters_.push_back(waiter);
            self->end_if_done();
        });
    });
}

}  // namespace echosocket
