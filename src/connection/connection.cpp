#include "connection/connection.hpp"

#include "wire/meta.hpp"

#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <random>
#include <tuple>
#include <utility>

namespace echosocket::net {

namespace {

using std::chrono::milliseconds;

// Give or take 15 %, so that the pings of many connections made at once do not stay together.
milliseconds jittered(milliseconds interval) {
    thread_local std::minstd_rand random{std::random_device{}()};
    return milliseconds(interval.count() * std::uniform_int_distribution<long>(85, 115)(random) / 100);
}

}  // namespace

connection::connection(std::uint64_t id, const asio::any_io_executor& base, std::unique_ptr<transport> line,
                       std::shared_ptr<const connection_settings> settings, connection_host& service)
    : connection_info(id, line->remote_address(), settings->clock->now()),
      settings_(std::move(settings)),
      service_(service),
      transport_(std::move(line)),
      socket_(dynamic_cast<socket_transport*>(transport_.get())),
      executor_(make_strand_beside(base)),
      incoming_(*this, service),
      outgoing_(*this, settings_->role == role::client ? wire::calls_before_hello : 0),
      notifications_out_(*this),
      peer_max_message_(settings_->limits.max_message),
      now_(settings_->clock->now()),
      liveness_(now_, jittered(settings_->limits.ping_interval), settings_->limits.missed_pings,
                settings_->limits.idle_timeout) {}

connection::~connection() = default;

void connection::log(log_level level, std::string_view text) const {
    if (!settings_->log) return;
    settings_->log(level, "[" + std::to_string(id()) + " " + address() + "] " + std::string(text));
}

// One frame with the loop in it, since thousands of idle connections keep it.
asio::awaitable<void> connection::run() {
    begin();
    // A client's first words are often there once the connection has been accepted, and no wait is needed.
    bool at_once = socket_ != nullptr && is_server();
    while (state_ != connection_state::closed) {
        boost::system::error_code error;
        const bool looks = !at_once && socket_ != nullptr && read_backoff_.worth_it();
        if (at_once) {
            at_once = false;
        } else if (looks) {
            auto turn_of_others = asio::post(asio::deferred);
            co_await std::move(turn_of_others);
            if (state_ == connection_state::closed) break;
        } else if (socket_ != nullptr) {
            auto readable = socket_->until_readable();
            std::tie(error) = co_await std::move(readable);
        } else {
            error = co_await transport_->wait_readable();
        }
        if (!read_available(error, looks)) break;
        handle_frames();
        while (held_back_ && !is_over()) {
            if (output_.backlog() > settings_->limits.output_soft) co_await for_room().reader.wait();
            frame_begun_ = never;  // the rest of the frame was not waited for
            handle_frames();
        }
        input_.release_if_empty();
        watch_frame();
    }
    co_await end_children();
    if (settings_->log) log(log_level::debug, "ended: " + wire::printable(cause_.message()));
    if (was_opened_) service_.ended(*this, cause_);
}

void connection::begin() {
    alarm_ = settings_->clock->make_alarm(executor_);
    refresh_now();
    if (was_refused_) {
        fail(std::move(cause_));
    } else {
        hello_due_ = now_ + settings_->limits.hello_timeout;
        wake_at(hello_due_);
        if (!is_server()) say_hello();
        flush();
    }
}

bool connection::read_available(const boost::system::error_code& error, bool looks) {
    refresh_now();
    if (error) {
        lost(error);
        return false;
    }
    const io_result io = transport_->read_some(input_.prepare(bytes_to_skip_ == 0 ? frame_size_ : 0));
    if (looks) read_backoff_.looked(io.bytes != 0);
    if (io.error == asio::error::would_block) return true;
    if (io.error) {
        lost(io.error);
        return false;
    }
    input_.commit(io.bytes);
    bytes_in_.add(io.bytes);
    liveness_.heard(now_);
    return true;
}

void connection::handle_frames() {
    in_batch_ = true;
    request next;
    while (next_request(next)) incoming_.start(std::move(next));
    in_batch_ = false;
    flush();
}

asio::awaitable<void> connection::end_children() {
    outgoing_.end_all();
    notifications_out_.clear();
    if (notifications_in_) co_await notifications_in_->end();
    co_await incoming_.end(errc::connection_lost);
    while (writing_) co_await for_room().end_of_writer.wait();
    alarm_.reset();
    output_.clear();
    if (for_room_) for_room_->streams.clear();
    if (hello_waiter_) std::exchange(hello_waiter_, std::nullopt)->complete(cause_);
    for (const auto& waiting : std::exchange(end_waiters_, {})) waiting->end(cause_);
}

void connection::enter(connection_state next) {
    if (next > state_) state_ = next;
    if (is_over()) set_gone();
}

void connection::lost(const boost::system::error_code& error) {
    if (!is_over()) {
        const bool between_frames = input_.size() == 0 && bytes_to_skip_ == 0;
        ended_by_peer_ = error == asio::error::eof && between_frames;
        cause_ =
            failure(errc::connection_lost, error == asio::error::eof ? "the other side closed the connection"
                                                                     : "the connection was lost: " + error.message());
    }
    close_transport();
}

void connection::abort(failure why) {
    if (!is_over()) cause_ = std::move(why);
    close_transport();
}

void connection::close_transport() {
    if (state_ == connection_state::closed) return;
    enter(connection_state::closed);
    transport_->close();
    wake_reader();
}

void connection::fail(failure why) {
    if (is_over()) return;
    notifications_out_.clear();  // nothing is read behind the last words
    push_error(0, why);
    begin_closing(std::move(why));
}

void connection::close(failure why) {
    if (!is_over()) begin_closing(std::move(why));
}

void connection::dismiss(std::string reason) {
    if (reason.empty()) return close(failure(errc::connection_closed, "this side closed the connection"));
    notifications_out_.write_all();
    fail(failure(errc::refused, std::move(reason)));
}

void connection::begin_closing(failure why) {
    cause_ = std::move(why);
    enter(connection_state::closing);
    // However slowly the other end takes the last words.
    refresh_now();
    close_due_ = now_ + settings_->limits.write_timeout;
    wake_at(close_due_);
    wake_reader();
    incoming_.cancel_all(errc::connection_lost);
    if (notifications_in_) notifications_in_->cancel();
    outgoing_.end_all();
    if (hello_waiter_) std::exchange(hello_waiter_, std::nullopt)->complete(cause_);
    schedule_flush();
}

void connection::drain() {
    if (is_over() || is_draining()) return;
    refresh_now();
    if (state_ == connection_state::awaiting_hello) {
        fail(failure(errc::shutting_down, "the server is shutting down"));
        return;
    }
    said_goaway_ = true;
    enter(connection_state::draining);
    const wire::meta meta{.code = static_cast<std::uint16_t>(errc::shutting_down), .last_call = last_request_};
    output_.push(wire::frame_kind::goaway, 0, meta, std::string_view("shutting down"));
    // Its PONG tells that the GOAWAY has been read: no request can still be on its way after that.
    output_.push(wire::frame_kind::ping, 0, {}, drain_barrier);
    flush();
}

void connection::finish_drain_if_done() {
    if (state_ != connection_state::draining || !drain_barrier_passed_) return;
    if (incoming_.running() != 0 || !outgoing_.empty() || !output_.empty() ||
        (notifications_in_ && notifications_in_->busy()))
        return;
    begin_closing(failure(errc::shutting_down, "the server shut down"));
}

void connection::await_hello(async_completion<result<void>> waiting) {
    if (is_over()) return waiting.complete_later(cause_);
    if (state_ != connection_state::awaiting_hello) return waiting.complete_later({});
    hello_waiter_.emplace(std::move(waiting));
}

void connection::await_end(std::shared_ptr<end_waiter> waiting) {
    if (!alarm_ && state_ == connection_state::closed) return waiting->end(cause_);
    end_waiters_.push_back(std::move(waiting));
}

void connection::give_up_end(const std::shared_ptr<end_waiter>& waiting) {
    std::erase(end_waiters_, waiting);
    waiting->end(failure(errc::cancelled, "waiting for the connection's end was given up"));
}

void connection::set_running(std::size_t running) {
    running_.add(running - running_.get());
    if (running != 0) return;
    refresh_now();
    liveness_.used(now_);
}

void connection::notifications_handled() {
    liveness_.used(now_);
    if (state_ == connection_state::draining) schedule_flush();
}

void connection::call_ended(bool cancelled) {
    const bool shutting_down = is_draining() || (is_over() && cause_.code == errc::shutting_down);
    if (shutting_down) service_.count_drained(cancelled);
    schedule_flush();
}

}  // namespace echosocket::net
