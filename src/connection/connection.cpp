#include "connection/connection.hpp"

#include "wire/utf8.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <tuple>
#include <utility>

namespace echosocket::net {

connection::connection(std::uint64_t id, std::string address, const asio::any_io_executor& base,
                       std::unique_ptr<transport> io, std::shared_ptr<const connection_settings> settings,
                       connection_host& host)
    : connection_context(id, std::move(address), base, std::move(settings), host),
      transport_(std::move(io)),
      dispatcher_(*this),
      is_socket_(dynamic_cast<socket_transport*>(transport_.get()) != nullptr) {}

connection::~connection() = default;

// The reader. One frame with the wait in it, since thousands of idle connections keep it. It ends after its children,
// whatever they or it itself run into.
asio::awaitable<void> connection::run() {
    guard([this] { begin(); });
    // A client's first words are often there once the connection has been accepted, and no wait is needed.
    bool at_once = is_socket_ && settings_->is_server();
    for (bool ended = false; !ended;) {
        try {
            while (!engine_.is_closed()) {
                boost::system::error_code error;
                const bool looks = !at_once && is_socket_ && read_backoff_.worth_it();
                if (at_once) {
                    at_once = false;
                } else if (looks) {
                    auto turn_of_others = asio::post(asio::deferred);
                    co_await std::move(turn_of_others);
                    if (engine_.is_closed()) break;
                } else if (is_socket_) {
                    auto readable = socket().until_readable();
                    std::tie(error) = co_await std::move(readable);
                } else {
                    error = co_await transport_->wait_readable();
                }
                if (!read_available(error, looks)) break;
                flush();
                while (engine_.is_held_back() && !engine_.is_over()) {
                    if (engine_.is_blocked()) co_await waiting().room.wait();
                    refresh_now();
                    flush();
                }
                input_.consume(input_.size() - engine_.unread());
                if (!input_.release_if_empty() || traffic_held_ != 0) count_traffic();
            }
            co_await end_children();
            ended = true;
        } catch (...) {
            broke(std::current_exception());
        }
    }
    guard([this] {
        if (host_.callbacks().has_log()) log(log_level::debug, "ended: " + wire::printable(cause().message()));
        if (was_opened()) host_.ended(*this, cause());
    });
}

bool connection::read_available(const boost::system::error_code& error, bool looks) {
    refresh_now();
    if (error) {
        lost(error);
        return false;
    }
    const io_result io = transport_->read_some(input_.prepare(engine_.wanted()));
    if (looks) read_backoff_.looked(io.bytes != 0);
    if (io.error == asio::error::would_block) {
        engine_.input_moved(input_.data());
        return true;
    }
    if (io.error) {
        lost(io.error);
        return false;
    }
    input_.commit(io.bytes);
    add_bytes_in(io.bytes);
    engine_.receive(input_.data(), engine_.now());
    return true;
}

// Tells of what has happened, then writes what it came to.
void connection::flush() noexcept {
    if (dispatching_) return;
    do {
        guard([this] {
            dispatch();
            publish(engine_.counts());
            write_now();
        });
    } while (engine_.has_news());
    guard([this] { arm_alarm(); });
    if (waits_) guard([this] { wake_waiting(); });
    if (engine_.is_closed() && !std::exchange(transport_closed_, true)) guard([this] { transport_->close(); });
}

void connection::dispatch() {
    struct marked {
        explicit marked(bool& f) noexcept : flag(f) { flag = true; }
        marked(const marked&) = delete;
        marked& operator=(const marked&) = delete;
        ~marked() { flag = false; }
        bool& flag;
    } const now(dispatching_);
    dispatcher_.dispatch();
}

void connection::flush_soon() noexcept {
    if (dispatching_ || flush_posted_) return;
    try {
        post([this, keep = shared_from_this()] {
            flush_posted_ = false;
            flush();
        });
        flush_posted_ = true;
    } catch (...) {  // no memory: whatever comes next flushes
    }
}

// A connection whose engine or parts may be in the midst of something can only end. What it has queued is not sent.
void connection::broke(const std::exception_ptr& thrown) noexcept {
    host_.callbacks().count_exception();
    failure why(errc::connection_closed, "out of memory");
    try {
        why.detail = "this side ended the connection, for it met an exception: " + text_of(thrown);
        log(log_level::error, wire::printable(why.detail));
    } catch (...) {  // the short text says enough
    }
    if (!engine_.is_closed()) engine_.abort(std::move(why));
    flush_soon();
}

// The beginning and the end.

void connection::begin() {
    alarm_ = settings_->clock->make_alarm(executor());
    refresh_now();
    engine_.begin(engine_.now());
    flush();
}

void connection::refuse(failure why) {
    was_refused_ = true;
    engine_.fail(std::move(why));
}

void connection::lost(const boost::system::error_code& error) {
    const bool at_end = error == asio::error::eof;
    ended_by_peer_ = at_end && !engine_.is_over() && engine_.is_between_frames();
    engine_.end_of_input(failure(errc::connection_lost, at_end ? "the other side closed the connection"
                                                               : "the connection was lost: " + error.message()));
    flush();
}

asio::awaitable<void> connection::end_children() {
    flush();
    forget_traffic();
    mailbox().take_calls();
    // Only calls that run on have a bound of their own; handlers of notifications keep the connection's place.
    if (engine_.running() != 0) host_.line_closed(*this);
    co_await dispatcher_.end();
    while (writing_) co_await waiting().end_of_writer.wait();
    alarm_.reset();
}

// What runs on without the line may run for hours.
void connection::forget_traffic() noexcept {
    if (!engine_.is_closed() || writing_) return;
    engine_.forget_traffic();
    input_ = {};
    count_traffic();
}

void connection::context_goes() noexcept {
    const auto keep = shared_from_this();
    engine_.abort(failure(errc::connection_lost, "the io_context of this connection has ended"));
    mailbox().take_calls();
    dispatcher_.context_goes();
    alarm_.reset();
    waits_.reset();
    is_socket_ = false;
    transport_.reset();
}

void connection::drain() {
    refresh_now();
    engine_.goaway(true);
    flush();
}

void connection::let_go() {
    refresh_now();
    engine_.let_go();
    flush();
}

void connection::cancel_running() {
    refresh_now();
    dispatcher_.cancel_running();
    engine_.give_up_notifications();
    flush();
}

void connection::close(failure why) {
    refresh_now();
    engine_.close(std::move(why));
    flush();
    dispatcher_.stop_listening();
}

bool connection::close_if_unused(failure why) {
    if (engine_.is_over()) return true;
    if (engine_.awaits_answers() || engine_.running() != 0) return false;
    close(std::move(why));
    return true;
}

void connection::dismiss(std::string reason) {
    if (reason.empty()) return close(failure(errc::connection_closed, "this side closed the connection"));
    refresh_now();
    engine_.dismiss(failure(errc::refused, std::move(reason)));
    flush();
}

void connection::give_up_memory() {
    refresh_now();
    failure why(errc::memory_exceeded,
                "the server's clients hold more memory than they may, and this connection holds most of it");
    engine_.fail(why);
    flush();
    abort(std::move(why));
    cancel_running();
}

void connection::abort(failure why) {
    engine_.abort(std::move(why));
    flush();
}

// Waiting.

void connection::await_hello(async_completion<result<void>> hello) {
    if (engine_.is_over()) return hello.complete_later(cause());
    if (engine_.phase() != protocol::phase::greeting) return hello.complete_later({});
    waiting().hello.emplace(std::move(hello));
}

connection::waits& connection::waiting() {
    if (!waits_) waits_ = std::make_unique<waits>();
    return *waits_;
}

void connection::wake_waiting() {
    if (waits_->hello && engine_.phase() != protocol::phase::greeting) {
        std::optional<async_completion<result<void>>> hello;
        move_to(hello, waits_->hello);
        hello->complete(engine_.is_over() ? result<void>(cause()) : result<void>());
    }
    if (waits_->room.waiting() && (!engine_.is_blocked() || engine_.is_over())) waits_->room.notify();
}

void connection::arm_alarm() {
    const auto next = engine_.next_timeout();
    if (!alarm_ || next >= alarm_at_) return;
    alarm_->set(next, [this] {
        alarm_at_ = protocol::never;
        guard([this] { engine_.handle_timeout(settings_->clock->now()); });
        flush();
    });
    alarm_at_ = next;
}

}  // namespace echosocket::net
