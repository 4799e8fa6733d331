#include "support/engine_end.hpp"

#include "support/raw_frames.hpp"
#include "wire/meta.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace echosocket::test {

namespace {

using namespace std::chrono_literals;
using protocol::event;
using wire::frame_kind;

std::string quoted(std::string_view body) {
    if (body.empty()) return {};
    if (body.size() > 40) return " <" + std::to_string(body.size()) + " bytes>";
    return " \"" + std::string(body) + '"';
}

std::string said_of(const wire::meta& m) {
    std::string text;
    if (!m.name.empty()) text += " " + std::string(m.name);
    if (m.deadline_ms) text += " deadline=" + std::to_string(*m.deadline_ms);
    if (m.code != 0) text += " " + std::string(name_of(static_cast<errc>(m.code)));
    if ((m.facts & wire::fact_retryable) != 0) text += " retry";
    if ((m.facts & wire::fact_started) != 0) text += " started";
    if (!m.trace_id.empty()) text += " trace_id=" + std::string(m.trace_id);
    if (!m.idempotency_key.empty()) text += " key=" + std::string(m.idempotency_key);
    if (m.content_type == content_type::json) text += " json";
    if (m.last_call) text += " last_call=" + std::to_string(*m.last_call);
    if (m.credit) text += " credit=" + std::to_string(*m.credit);
    if (m.streams != 0) text += " streams=" + std::to_string(m.streams);
    return text;
}

std::string hello_of(const end_options& given) {
    const auto& limits = given.limits;
    return raw::hello({.name = given.name,
                       .max_frame = static_cast<std::uint32_t>(limits.max_frame),
                       .max_message = limits.max_message,
                       .max_calls = limits.max_calls,
                       .stream_credit = limits.stream_credit,
                       .notify_credit = static_cast<std::uint32_t>(limits.handling_queue)});
}

std::string code_of(const std::optional<failure>& why) {
    return why ? " " + std::string(name_of(why->code)) : std::string();
}

}  // namespace

std::string sentence_of(const wire::frame& f) {
    std::string text = wire::is_known(f.kind) ? std::string(name_of(f.kind)) : std::to_string(static_cast<int>(f.kind));
    if (f.kind == frame_kind::hello) return text;
    if (f.more()) text += " MORE";
    text += " " + std::to_string(f.id);
    wire::meta records;
    BOOST_REQUIRE(wire::parse_meta(f.meta, records));
    text += said_of(records);
    const bool is_for_people = f.kind == frame_kind::error || f.kind == frame_kind::end || f.kind == frame_kind::goaway;
    return is_for_people ? text : text + quoted(f.body);
}

engine_end::engine_end(protocol::role role, end_options given)
    : settings{.role = role, .limits = given.limits, .hello = hello_of(given), .max_deadline = given.max_deadline},
      engine(settings, now, given.ping_interval) {}

void engine_end::begin() {
    engine.begin(now);
    run();
}

void engine_end::open(const wire::hello& theirs) {
    begin();
    hear(raw::hello(theirs));
    BOOST_REQUIRE(reason() == "none");
    forget();
}

void engine_end::hear(std::string_view bytes, std::size_t chunk) {
    while (!bytes.empty()) {
        const auto part = bytes.substr(0, chunk);
        const std::size_t left = engine.unread();
        auto whole = std::make_unique<char[]>(left + part.size());
        std::copy_n(input_.get() + (input_size_ - left), left, whole.get());
        std::ranges::copy(part, whole.get() + left);
        const auto before = std::exchange(input_, std::move(whole));
        input_size_ = left + part.size();
        engine.receive({input_.get(), input_size_}, now);
        run();
        bytes.remove_prefix(part.size());
    }
}

void engine_end::hear_end() {
    engine.end_of_input(failure(errc::connection_lost, "the other side closed the connection"));
    run();
}

void engine_end::set_clock(protocol::time_point when) {
    now = when;
    engine.advance(now);
}

void engine_end::handle_timeout() {
    engine.handle_timeout(now);
    run();
    BOOST_REQUIRE_MESSAGE(engine.next_timeout() > now, "a timer stays due, and would wake the driver again and again");
}

void engine_end::wait(std::chrono::milliseconds time) {
    const auto until = now + time;
    while (engine.next_timeout() <= until) {
        set_clock(std::max(now, engine.next_timeout()));
        handle_timeout();
    }
    set_clock(until);
}

void engine_end::run() {
    event e;
    do {
        while (engine.next(e)) handle(e);
        write();
    } while (engine.has_news());
}

void engine_end::write() {
    while (!engine.is_closed() && engine.has_output() && write_some()) {
    }
    if (!engine.has_output()) is_blocked_ = false;
    if (engine.is_closed()) return;
    if (engine.has_output()) {
        if (!std::exchange(is_blocked_, true)) engine.blocked();
    } else if (engine.finishes_sending()) {
        send_is_shut = true;
    }
}

/// Returns false once the line takes no more.
bool engine_end::write_some() {
    std::array<std::string_view, 64> pieces;
    const std::size_t count = engine.gather(pieces);
    std::size_t bytes = 0;
    bool all = true;
    for (const auto piece : std::span(pieces).first(count)) {
        const auto taken = piece.substr(0, line_takes);
        unparsed_ += taken;
        output_ += taken;
        bytes += taken.size();
        line_takes -= line_takes == std::numeric_limits<std::size_t>::max() ? 0 : taken.size();
        all = all && taken.size() == piece.size();
    }
    engine.wrote(bytes);
    note_sent();
    return all;
}

void engine_end::note_sent() {
    constexpr wire::frame_limits any{std::size_t{1} << 31, std::size_t{1} << 31};
    std::string_view bytes = unparsed_;
    for (;;) {
        const auto head = wire::parse_frame(bytes, any);
        if (head.status != wire::parse_status::complete) break;
        const auto& f = head.frame;
        if (!says_.empty()) says_ += "; ";
        says_ += sentence_of(f);
        if (wire::is_splittable(f.kind)) {
            const std::pair key(f.kind, f.id);
            f.more() ? unfinished_.insert(key), 0 : unfinished_.erase(key);
            BOOST_REQUIRE(unfinished_.size() <= protocol::max_unfinished_bodies);
        }
        if (f.kind == frame_kind::request && !f.more()) ++requests_sent;
        const bool answers = f.kind == frame_kind::response || (f.kind == frame_kind::error && f.id != 0);
        if (answers && !f.more()) ++answers_sent;
        bytes.remove_prefix(head.size);
    }
    unparsed_.erase(0, unparsed_.size() - bytes.size());
}

void engine_end::note(std::string what) {
    if (!events_.empty()) events_ += "; ";
    events_ += what;
}

void engine_end::handle(event& e) {
    using kind = event::kind;
    switch (e.what) {
        case kind::opened:
            note("opened " + std::string(e.name));
            if (awaits_welcome) break;
            unwelcome ? engine.fail(*unwelcome) : engine.accept();
            break;
        case kind::request:
            return take_request(e);
        case kind::request_refused:
            return note("request_refused " + std::to_string(e.id) + " " + std::string(name_of(e.reason)));
        case kind::request_cancelled:
            note("request_cancelled " + std::to_string(e.id) + " " + std::string(name_of(e.reason)));
            BOOST_REQUIRE(e.handler == this);
            if (ignores_cancels) break;
            engine.fail_call(e.id, failure(e.reason));
            if (const auto s = streams_.find(e.id); s != streams_.end()) engine.close_stream(*s->second);
            (void)engine.release(e.id);
            break;
        case kind::slots_freed:
            return note("slots_freed");
        case kind::reply:
            BOOST_REQUIRE(ended_.insert(e.call).second);
            BOOST_REQUIRE(e.call->ended);
            if (e.joined) BOOST_REQUIRE(e.joined->body == e.body);
            return note("reply " + e.call->task + (e.type == content_type::json ? " json" : "") + quoted(e.body));
        case kind::call_failed:
            BOOST_REQUIRE(ended_.insert(e.call).second);
            BOOST_REQUIRE(e.call->ended);
            return note("call_failed " + e.call->task + code_of(e.why) + (e.why->retryable ? " retry" : "") +
                        (e.why->started ? " started" : ""));
        case kind::notification:
            unhandled_.push_back(e.cost);
            if (!keeps_notifications) give_back();
            return note("notification " + std::string(e.name) + quoted(e.body));
        case kind::item:
            unconsumed_.emplace_back(e.from, e.cost);
            return note("item" + std::string(e.type == content_type::json ? " json" : "") + quoted(e.body));
        case kind::item_end:
            return note("item_end" + code_of(e.why));
        case kind::sendable:
            return note("sendable");
        case kind::peer_goaway:
            return note("peer_goaway");
        case kind::warning:
            return note("warning");
        case kind::closed:
            return note("closed " + reason());
    }
}

void engine_end::take_request(const event& e) {
    std::string what = "request " + std::to_string(e.id) + " " + std::string(e.name);
    if (!e.trace_id.empty()) what += " trace_id=" + std::string(e.trace_id);
    if (!e.idempotency_key.empty()) what += " key=" + std::string(e.idempotency_key);
    if (e.type == content_type::json) what += " json";
    if (e.streams != 0) what += " streams=" + std::to_string(e.streams);
    note(what + quoted(e.body));
    std::optional<std::chrono::milliseconds> left;
    if (e.deadline) left = std::chrono::duration_cast<std::chrono::milliseconds>(*e.deadline - now);
    deadlines.push_back(left);
    if (e.name == "echo" && e.streams == 0 && !keeps_all) {
        // In the shape in which tasks answer: views, and texts of their own.
        if (e.body.size() % 2 == 0) return engine.reply(e.id, e.type, e.body);
        return engine.reply(e.id, e.type, std::string(e.body));
    }
    if (e.name == "refuse") return engine.fail_call(e.id, failure(errc::bad_request, "not like this"));
    if (e.streams != 0) {
        auto& s = streams_[e.id];
        s = std::make_unique<protocol::stream>(false, e.streams, settings.limits.stream_credit);
        engine.open_stream(e.id, *s);
    }
    engine.keep(e.id, this, e.deadline);
}

std::string engine_end::events() {
    return std::exchange(events_, {});
}

std::string engine_end::says() {
    return std::exchange(says_, {});
}

std::string engine_end::reason() const {
    return engine.is_over() ? std::string(name_of(engine.cause().code)) : "none";
}

void engine_end::forget() {
    events_.clear();
    says_.clear();
    output_.clear();
}

protocol::outbound_call_ptr engine_end::call(std::string_view task, std::string_view body,
                                             std::chrono::milliseconds timeout) {
    auto made = std::make_shared<protocol::outbound_call>();
    made->task = task;
    made->body.bytes = body;
    made->timeout = timeout;
    const auto why = try_call(made);
    BOOST_REQUIRE(!why);
    return made;
}

protocol::outbound_call_ptr engine_end::stream_call(std::string_view task, std::uint8_t bits, std::string_view body) {
    auto made = std::make_shared<protocol::outbound_call>();
    made->task = task;
    made->body.bytes = body;
    own_streams_.push_back(std::make_unique<protocol::stream>(true, bits, settings.limits.stream_credit));
    made->stream = own_streams_.back().get();
    const auto why = try_call(made);
    BOOST_REQUIRE(!why);
    return made;
}

std::optional<failure> engine_end::try_call(const protocol::outbound_call_ptr& call) {
    auto why = engine.begin_call(call);
    if (why) BOOST_REQUIRE(call->ended);
    run();
    return why;
}

std::optional<failure> engine_end::cancel(const protocol::outbound_call_ptr& call) {
    auto why = engine.cancel_call(call);
    if (why) BOOST_REQUIRE(ended_.insert(call).second);
    run();
    return why;
}

void engine_end::notify(std::string_view topic, std::string_view body, const queue_rules& rules, std::string_view key,
                        std::string_view lane) {
    auto made =
        protocol::make_notification(topic, std::string(body), {}, key, {.rules = rules, .lane = std::string(lane)});
    BOOST_REQUIRE(made.has_value());
    engine.notify(std::move(*made));
    run();
}

bool engine_end::answer(std::uint32_t id, std::string_view body) {
    if (const auto s = streams_.find(id); s != streams_.end()) engine.stop_stream(*s->second);
    engine.reply(id, content_type::bytes, body);
    if (const auto s = streams_.find(id); s != streams_.end()) engine.close_stream(*s->second);
    const bool freed = engine.release(id);
    run();
    return freed;
}

bool engine_end::fail(std::uint32_t id, const failure& why) {
    engine.fail_call(id, why);
    if (const auto s = streams_.find(id); s != streams_.end()) engine.close_stream(*s->second);
    const bool freed = engine.release(id);
    run();
    return freed;
}

protocol::send_status engine_end::send_item(protocol::stream& s, std::string_view body,
                                            protocol::streams::room needed) {
    encoded_body item(std::string{body});
    const auto status = engine.send_item(s, item, needed);
    if (status != protocol::send_status::sent) BOOST_REQUIRE(item.bytes == body);
    run();
    return status;
}

void engine_end::give_back() {
    for (const auto cost : std::exchange(unhandled_, {})) engine.handled(cost);
}

void engine_end::handle_notifications(std::size_t count) {
    BOOST_REQUIRE(count <= unhandled_.size());
    for (; count != 0; --count, unhandled_.erase(unhandled_.begin())) engine.handled(unhandled_.front());
    run();
}

void engine_end::end_stream(protocol::stream& s, const std::optional<failure>& why) {
    engine.end_stream(s, why);
    run();
}

void engine_end::consume() {
    for (const auto& [s, cost] : std::exchange(unconsumed_, {})) engine.consumed(*s, cost);
    run();
}

}  // namespace echosocket::test
