// From `stop()` to the end of `run()`: what runs may finish, then it is cancelled, then connections are closed.
#include "server/server_impl.hpp"

#include <memory>
#include <utility>

namespace echosocket {

asio::awaitable<shutdown_report> server::impl::shut_down() {
    const auto begin = now();
    phase_ = server_phase::stopping;
    shutdown_report report;
    report.connections = registry_.size() - admission_.lingering();
    begin_to_stop();
    stop_accepting();
    while (accepting_ != 0) co_await changed_.wait();

    say_goaway_to_all();
    bool empty = co_await until_empty(config_.drain_timeout, urgency::drain);
    if (!empty) {
        log(log_level::warning, "calls still running at the end of the drain are cancelled");
        post_to_all([](net::connection& c) { c.cancel_running(); });
        empty = co_await until_empty(config_.cancel_timeout, urgency::now);
    }
    if (!empty) {
        report.closed = registry_.size();
        post_to_all(
            [](net::connection& c) { c.abort(failure(errc::shutting_down, "closed at the end of a shutdown")); });
        while (registry_.size() != 0) co_await changed_.wait();
    }
    report.drained = work_.drained();
    report.cancelled = work_.cancelled();
    report.took = std::chrono::duration_cast<std::chrono::milliseconds>(now() - begin);
    co_return report;
}

void server::impl::begin_to_stop() {
    work_.stop([server = weak_from_this()] {
        if (const auto stopping = server.lock()) stopping->post([stopping] { stopping->changed_.notify(); });
    });
    for (const auto& callback : on_stop_) callbacks().call("a callback of on_stop", callback);
}

// Each counts as a handler until it has said it: until then it may begin a call.
void server::impl::say_goaway_to_all() {
    const auto say_goaway = [this](const connection_ptr& session) {
        session->post([self = shared_from_this(), session] {
            session->guard([&] { session->drain(); });
            self->work_.handler_ended();
        });
    };
    registry_.for_each([&](const connection_ptr& session) {
        callbacks().call("saying GOAWAY", [&] { work_.count_posted([&] { say_goaway(session); }); });
    });
}

asio::awaitable<bool> server::impl::until_empty(std::chrono::milliseconds bound, urgency level) {
    const auto due = now() + bound;
    std::unique_ptr<alarm> limit;
    const bool has_alarm = callbacks().call("the alarm of a shutdown", [&] {
        limit = config_.clock->make_alarm(executor());
        limit->set(due, [this] { changed_.notify(); });
    });
    if (!has_alarm) co_return registry_.size() == 0;
    while (registry_.size() != 0) {
        if (work_.handlers() == 0 && !std::exchange(all_are_let_go_, true))
            post_to_all([](net::connection& c) { c.let_go(); });
        if (now() >= due || (level == urgency::drain && stop_asked_ > static_cast<int>(level))) co_return false;
        co_await changed_.wait();
    }
    co_return true;
}

void server::impl::post_to_all(void (*what)(net::connection&)) {
    registry_.for_each([what](const connection_ptr& session) { session->post([session, what] { what(*session); }); });
}

void server::impl::stop(urgency how) noexcept {
    post([self = shared_from_this(), how] {
        if (static_cast<int>(how) <= self->stop_asked_) return;
        self->stop_asked_ = static_cast<int>(how);
        self->changed_.notify();
    });
}

}  // namespace echosocket
