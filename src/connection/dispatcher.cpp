#include "connection/dispatcher.hpp"

#include "connection/pending_call.hpp"
#include "connection/running_call.hpp"
#include "wire/meta.hpp"
#include "wire/utf8.hpp"

#include <exception>
#include <string>
#include <utility>

namespace echosocket::net {

namespace {

using kind = protocol::event::kind;

stream_handle& stream_of(const protocol::event& e) noexcept {
    return static_cast<stream_handle&>(*e.from);
}

std::string_view stream_rule_of(std::uint8_t streams) {
    const bool reads = (streams & wire::stream_from_caller) != 0;
    const bool sends = (streams & wire::stream_to_caller) != 0;
    if (reads && sends) return "this task takes items and sends items";
    if (reads) return "this task takes items and sends none";
    return sends ? "this task sends items and takes none" : "this task takes and sends no items";
}

/// If there is no memory for the reply, its call alone fails.
result<raw_reply> reply_in(request& e) noexcept {
    try {
        return raw_reply{e.joined ? std::move(e.joined->body) : std::string(e.body), e.type};
    } catch (const std::exception&) {
        return out_of_memory();
    }
}

/// The environment of a call that ends before anything else happens: nothing can cancel it.
class call_in_place final : public running_call {
public:
    using running_call::running_call;
};

}  // namespace

void dispatcher::dispatch() {
    request next;
    while (next_request(next)) {
        if (!workers_) workers_ = std::make_unique<workers>(context_, *this);
        workers_->start(std::move(next));
    }
}

// A worker may ask: what goes wrong here is not its own, for its last call has been answered.
bool dispatcher::next_request(request& next) noexcept {
    try {
        while (context_.engine().next(next))
            if (next.what == kind::request) [[likely]] {
                if (begin(next)) return true;
            } else {
                handle(next);
            }
    } catch (...) {
        context_.broke(std::current_exception());
    }
    return false;
}

void dispatcher::handle(request& e) {
    switch (e.what) {
        case kind::request:
            break;
        case kind::opened:
            opened(e);
            break;
        case kind::request_refused:
            last_task_ = nullptr;
            context_.host().count_refused(e.reason);
            break;
        case kind::request_cancelled:
            static_cast<call_worker*>(e.handler)->cancel(e.reason);
            break;
        case kind::slots_freed:
            if (workers_) workers_->slots_freed();
            break;
        case kind::reply: {
            const auto call = std::move(e.call);
            static_cast<pending_call&>(*call).end(reply_in(e));
            break;
        }
        case kind::call_failed: {
            const auto call = std::move(e.call);
            static_cast<pending_call&>(*call).end(std::move(*e.why));
            break;
        }
        case kind::notification:
            notification(e);
            break;
        case kind::item:
            stream_of(e).take_item(e.body, e.type, e.cost);
            break;
        case kind::item_end:
            stream_of(e).take_end(std::move(e.why));
            break;
        case kind::sendable:
            stream_of(e).may_send();
            break;
        case kind::peer_goaway:
            context_.mailbox().take_notifications();  // so that the other end waits for those too
            context_.host().told_to_go(context_);
            break;
        case kind::warning:
            context_.log_some(log_limits::kind::slow_peer, log_level::warning, [&e] { return e.why->detail; });
            break;
        case kind::closed:
            closed();
            break;
    }
}

inline bool dispatcher::may_start(const request& r) const {
    return r.task != nullptr && r.task->streams() == r.streams && context_.host().has_room(context_);
}

bool dispatcher::begin(request& r) {
    // A client's tasks may change while it is connected, so it looks again.
    if (!r.same_head || last_task_ == nullptr || !context_.settings().is_server())
        last_task_ = context_.host().find_task(r.name);
    r.task = last_task_;
    if (!may_start(r)) {
        const auto why = refusal_of(r);
        context_.host().count_refused(why.code);
        context_.engine().fail_call(r.id, why);
        return false;
    }
    if (!r.task->may_suspend(r.body.size()) && r.idempotency_key.empty()) {
        serve_in_place(r);
        return false;
    }
    keep_alive(r);
    return true;
}

// Why one that may not start may not.
failure dispatcher::refusal_of(const request& r) const {
    if (r.task == nullptr) return context_.host().unknown_task(r.name);
    if (r.task->streams() != r.streams)
        return failure(errc::bad_request, std::string(stream_rule_of(r.task->streams())));
    return context_.host().no_room_for(context_);
}

void dispatcher::serve_in_place(const request& r) {
    call_in_place call(context_, r);
    call_reply reply(context_);
    reply.begin(r.id);
    try {
        task_context context(call);
        r.task->run(context, r.body, reply);
    } catch (...) {
        if (!reply.sent()) reply.fail(std::current_exception(), r.name, std::nullopt);
    }
}

// A coroutine looks at its request for as long as it runs.
void dispatcher::keep_alive(request& r) {
    // Most requests take the place of one of the same block that had neither stream nor message.
    if (r.items) r.items = nullptr;
    if (r.streams != 0) {
        r.items = stream_handle::of_callee(context_, r.streams);
        context_.engine().open_stream(r.id, *r.items);
    }
    if (r.joined) {
        r.block = {};
    } else if (r.block != context_.input_block()) {
        r.block = context_.input_block();
    }
}

void dispatcher::opened(const request& e) {
    auto& engine = context_.engine();
    context_.set_introduced(e.name, engine.peer_max_message());
    auto welcome = context_.host().opened(context_);
    if (!welcome) return engine.fail(std::move(welcome.error()));
    context_.set_opened();
    engine.accept();
    if (context_.host().callbacks().has_log())
        context_.log(log_level::debug, "connected: " + wire::printable(context_.name()));
}

void dispatcher::closed() {
    context_.set_gone();
    if (workers_) workers_->connection_ended();
    // If the other end has just gone, or either end leaves, what has come may still be handled; see
    // `notification_handlers::end`.
    const auto& engine = context_.engine();
    if (listeners_ && !engine.is_closed() && !engine.is_leaving()) listeners_->cancel();
}

void dispatcher::notification(const request& e) {
    auto* listener = context_.host().find_listener(e.name);
    if (listener == nullptr) {
        context_.engine().handled(e.cost);
        return;
    }
    if (!listeners_) listeners_ = std::make_unique<notification_handlers>(context_);
    listeners_->take(*listener, e);
}

void dispatcher::cancel_running() {
    if (workers_) workers_->cancel_all();
    // Also if there was none to handle so far: those that still come are not begun.
    if (!listeners_) listeners_ = std::make_unique<notification_handlers>(context_);
    stop_listening();
}

void dispatcher::stop_listening() {
    if (listeners_) listeners_->cancel();
}

void dispatcher::context_goes() {
    context_.guard([this] { dispatch(); });
    if (workers_) workers_->context_goes();
    workers_.reset();
    listeners_.reset();
}

asio::awaitable<void> dispatcher::end() {
    if (listeners_) co_await listeners_->end();
    if (workers_) co_await workers_->end();
}

}  // namespace echosocket::net
