#include "client/initial_connect.hpp"

#include "async/strand.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace echosocket {

initial_connect::initial_connect(const asio::any_io_executor& executor, std::vector<reconnecting_ptr> connections,
                                 needed which)
    : strand_(net::make_strand_beside(executor)),
      connections_(std::move(connections)),
      needed_(which),
      not_tried_(connections_.size()) {}

asio::awaitable<result<void>> initial_connect::run() {
    using waiting_for = net::async_completion<result<void>>;
    return waiting_for::suspend([self = shared_from_this()](waiting_for waiting) {
        if (auto slot = waiting.slot(); slot.is_connected()) {
            slot.assign([round = std::weak_ptr(self)](asio::cancellation_type) {
                if (const auto running = round.lock()) asio::post(running->strand_, [running] { running->give_up(); });
            });
        }
        self->waiting_.emplace(std::move(waiting));
        asio::post(self->strand_, [self] { self->begin(); });
    });
}

void initial_connect::begin() {
    const auto then = needed_ == needed::all ? reconnecting_connection::on_failure::close
                                             : reconnecting_connection::on_failure::try_again;
    for (const auto& connection : connections_) {
        try {
            asio::co_spawn(strand_, reconnecting_connection::connect(connection, then),
                           [self = shared_from_this()](const std::exception_ptr& thrown, result<void> done) {
                               if (thrown) done = failure(errc::connect_failed, "connecting threw an exception");
                               self->tried(done);
                           });
        } catch (...) {
            tried(failure(errc::connect_failed, "connecting threw an exception"));
        }
    }
}

void initial_connect::tried(const result<void>& done) {
    if (done) {
        ++connected_;
    } else {
        if (!first_failure_) first_failure_ = done.error();
        if (needed_ == needed::all) close_all();  // connecting has failed already
    }
    if (--not_tried_ == 0) end();
}

void initial_connect::give_up() {
    if (!waiting_) return;
    given_up_ = true;
    close_all();
}

void initial_connect::end() {
    result<void> outcome;
    if (given_up_) {
        outcome = failure(errc::cancelled, "connecting was given up");
    } else if (first_failure_ && (connected_ == 0 || needed_ == needed::all)) {
        outcome = *first_failure_;
    }
    if (!outcome) close_all();
    std::exchange(waiting_, std::nullopt)->complete(std::move(outcome));
}

void initial_connect::close_all() {
    for (const auto& connection : connections_) connection->close();
}

}  // namespace echosocket
