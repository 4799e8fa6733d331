// Drives one engine as a program may: it keeps to what the engine asks of its driver, and to nothing else.
#pragma once

#include "input.hpp"
#include "protocol/engine.hpp"
#include "sent_frames.hpp"
#include "wire/hello.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace echosocket::fuzz {

using protocol::event;
using protocol::never;
using protocol::time_point;
using std::chrono::milliseconds;

struct own_stream final : protocol::stream {
    using protocol::stream::stream;
    std::uint32_t number = 0;    ///< Of the call.
    std::size_t unconsumed = 0;  ///< Bytes.
    std::uint32_t items_out = 0;
    std::uint32_t items_in = 0;
    bool end_written = false;
    bool end_came = false;
};

struct own_call final : protocol::outbound_call {
    std::uint32_t number = 0;
    std::unique_ptr<own_stream> items;
};

/// A request that was kept.
struct served_call {
    std::uint32_t id = 0;
    std::uint32_t number = 0;
    std::unique_ptr<own_stream> items;
    bool is_cancelled = false;
};

/// Settings that are small, so that every limit is near.
inline protocol::engine_settings small_settings(protocol::role role, input& from) {
    protocol::engine_settings made;
    made.role = role;
    auto& limits = made.limits;
    limits.max_frame = from.one_of<std::size_t>({1024, 1500, 4096});
    limits.max_message = limits.max_frame * (1 + from.below(4));
    limits.max_calls = static_cast<std::uint32_t>(from.one_of<unsigned>({3, 1, 8, 100}));
    limits.stream_credit = from.one_of<std::uint32_t>({4096, 8000, 65536});
    limits.output_soft = from.one_of<std::size_t>({4096, 1000, 100'000});
    limits.output_hard = limits.output_soft * (1 + from.below(4));
    limits.idle_timeout = milliseconds(from.one_of<int>({60'000, 0, 1000}));
    limits.missed_pings = static_cast<unsigned>(from.below(3));
    if (from.one_in(4)) made.max_deadline = milliseconds(500);
    limits.handling_queue = from.one_of<std::size_t>({2000, 1024, 65536});
    const wire::hello hello{.name = "fuzz",
                            .max_frame = static_cast<std::uint32_t>(limits.max_frame),
                            .max_message = limits.max_message,
                            .max_calls = limits.max_calls,
                            .stream_credit = limits.stream_credit,
                            .notify_credit = static_cast<std::uint32_t>(limits.handling_queue)};
    wire::append_hello(made.hello, hello);
    return made;
}

/// What both ends of an honest pair know.
struct ledger {
    std::uint32_t last_number = 0;
    struct entry {
        bool by_server = false;
        bool ended = false;   ///< At the caller.
        bool handed = false;  ///< To the callee, once.
        std::uint8_t streams = 0;
        std::size_t size = 0;
    };
    std::map<std::uint32_t, entry> calls;
};

class driver {
public:
    /// `honest_peer` is null if the other end is anything.
    driver(protocol::role role, input& in, time_point now, ledger* honest_peer)
        : in_(in),
          settings_(small_settings(role, in)),
          ledger_(honest_peer),
          ping_interval_(in.one_of<int>({30'000, 0, 700})),
          engine_(settings_, now, ping_interval_),
          now_(now) {
        sent.is_server = settings_.is_server();
        sent.own_stream_credit = settings_.limits.stream_credit;
        engine_.begin(now_);
    }

    [[nodiscard]] protocol::engine& engine() noexcept { return engine_; }
    [[nodiscard]] const protocol::engine_settings& settings() const noexcept { return settings_; }

    // Time and bytes.

    void set_time(time_point now) {
        now_ = now;
        engine_.advance(now);
    }
    void wake_if_due() {
        for (int turns = 0; engine_.next_timeout() <= now_; ++turns) {
            require(turns < 20, "a timeout that was handled is over");
            engine_.handle_timeout(now_);
            pump();
        }
    }
    /// Bytes have come: each time they lie elsewhere, and behind them lies nothing.
    void deliver(std::string_view bytes) {
        if (engine_.is_closed() || input_ended_) return;
        const std::size_t kept = engine_.unread();
        std::unique_ptr<char[]> fresh(new char[kept + bytes.size()]);
        if (kept != 0) std::memcpy(fresh.get(), arrived_.get() + (arrived_size_ - kept), kept);
        if (!bytes.empty()) std::memcpy(fresh.get() + kept, bytes.data(), bytes.size());
        arrived_ = std::move(fresh);
        arrived_size_ = kept + bytes.size();
        const std::string_view all(arrived_.get(), arrived_size_);
        bytes.empty() ? engine_.input_moved(all) : engine_.receive(all, now_);
        pump();
    }
    void end_input() {
        if (std::exchange(input_ended_, true)) return;
        engine_.end_of_input(failure(errc::connection_lost, "the other side closed the connection"));
        pump();
    }

    /// Writes some of what is queued to `line`.
    void write(std::string& line, std::size_t most, std::size_t pieces) {
        if (engine_.is_closed() || !engine_.has_output()) return finish();
        if (output_is_broken_) {
            engine_.output_failed();
            return finish();
        }
        std::array<std::string_view, 64> all;
        const std::size_t count = engine_.gather(std::span(all).first(std::clamp<std::size_t>(pieces, 1, all.size())));
        require(count != 0, "what is queued can be gathered");
        std::string taken;
        for (std::size_t i = 0; i < count && taken.size() < most; ++i) taken += all[i].substr(0, most - taken.size());
        sent.add(taken);
        line += taken;
        engine_.wrote(taken.size());
        if (!engine_.has_output()) sent.knows_peer = sent.knows_peer || engine_.phase() != protocol::phase::greeting;
        finish();
        pump();
    }
    void write_all(std::string& line) {
        for (int turns = 0; engine_.has_output() && !engine_.is_closed(); ++turns) {
            require(turns < 100'000, "writing comes to an end");
            write(line, 1 << 20, 64);
        }
        write(line, 0, 1);
    }
    [[nodiscard]] bool has_finished_sending() const noexcept { return sending_is_finished_; }

    // Events.

    void pump() {
        if (pumping_) return;
        pumping_ = true;
        std::size_t bound = 200 + engine_.unread() / 8 + 4 * (calls_.size() + served_.size());
        while (engine_.next(event_)) {
            require(bound-- != 0, "events come to an end");
            const std::size_t before = commands_;
            handle(event_);
            bound += 2 * (commands_ - before);
        }
        require(!engine_.has_news(), "what has happened has been told");
        require(!engine_.is_over() || closed_told_, "the end is told of");
        if (closed_told_) require(calls_.empty(), "every call has ended with the connection");
        pumping_ = false;
    }

    // Commands that the input chooses.

    void command() {
        ++commands_;
        switch (in_.below(24)) {
            case 0:
            case 1:
            case 2:
                return begin_call();
            case 3:
                return cancel_call();
            case 4:
            case 5:
            case 6:
                return answer();
            case 7:
            case 8:
            case 9:
                return send_item();
            case 10:
                return end_stream();
            case 11:
                return consume();
            case 12:
                return handle_notification();
            case 13:
            case 14:
                return notify();
            case 15:
                return engine_.hold_open(in_.one_in(2));
            case 16:
                if (in_.one_in(3)) in_.one_in(2) ? engine_.goaway(in_.one_in(2)) : engine_.let_go();
                return;
            case 17:
                if (in_.one_in(6)) end_connection();
                return;
            case 18:
                if (engine_.has_output() && !engine_.is_closed()) engine_.blocked();
                return;
            case 19:
                if (opened_late_) accept();
                return;
            case 20:
                engine_.handle_timeout(now_);  // too early does no harm
                return;
            case 21:
                if (in_.one_in(8)) engine_.count_overflow({.dropped = 2, .overflowed = in_.one_in(8)}, "topic");
                return;
            case 22:
                if (!in_.one_in(16)) return;
                output_is_broken_ = true;
                return engine_.output_failed();
            default:
                return check_facts();
        }
    }

    /// Answers everything that is kept.
    void answer_all() {
        while (!served_.empty()) answer_nth(0, false);
        pump();
    }
    void consume_all() {
        for (auto* s : streams()) consume(*s, s->unconsumed);
        while (!unhandled_.empty()) handle_notification();
    }
    void accept() {
        if (!std::exchange(opened_late_, false)) return;
        engine_.accept();
    }

    [[nodiscard]] const std::map<std::uint32_t, std::shared_ptr<own_call>>& calls() const noexcept { return calls_; }
    [[nodiscard]] const std::vector<std::unique_ptr<served_call>>& served() const noexcept { return served_; }
    /// Notifications that came and are not handled yet.
    [[nodiscard]] std::size_t unhandled() const noexcept { return unhandled_.size(); }
    /// Of the notifications of which only the last one has to come, the last one that was sent, and that came.
    [[nodiscard]] std::uint32_t latest_out() const noexcept { return latest_out_; }
    [[nodiscard]] std::uint32_t latest_in() const noexcept { return latest_in_; }
    [[nodiscard]] bool sends_pings() const noexcept { return ping_interval_.count() != 0; }
    /// Has it said GOAWAY, and ended once nothing ran?
    [[nodiscard]] bool has_drained() const noexcept { return is_drained_ && !was_told_to_go_; }
    [[nodiscard]] bool has_lost_calls() const noexcept { return has_lost_calls_; }
    [[nodiscard]] bool output_is_broken() const noexcept { return output_is_broken_; }
    [[nodiscard]] std::size_t own_bytes() const noexcept { return own_bytes_; }
    [[nodiscard]] std::size_t refused() const noexcept { return refused_; }

    sent_frames sent;

private:
    void finish() {
        if (!engine_.finishes_sending()) return;
        require(!std::exchange(sending_is_finished_, true), "sending is finished once");
        require(!engine_.has_output(), "nothing is queued once all was said");
    }

    static std::string body_of(std::uint32_t number, std::size_t size) {
        std::string body(std::max<std::size_t>(size, 4), 'b');
        std::memcpy(body.data(), &number, 4);
        return body;
    }
    static std::uint32_t number_of(std::string_view body) {
        std::uint32_t number = 0;
        std::memcpy(&number, body.data(), std::min<std::size_t>(body.size(), 4));
        return number;
    }
    std::size_t some_size() {
        switch (in_.below(6)) {
            case 0:
                return 4;
            case 1:
                return in_.byte();
            case 2:
                return 900 + in_.byte();
            case 3:
                return 3000;
            case 4:
                return 20'000;
            default:
                return in_.two_bytes() % 9000;
        }
    }

    void handle(event& e) {
        using kind = event::kind;
        const bool of_a_frame = e.what != kind::closed && e.what != kind::call_failed && e.what != kind::warning &&
                                e.what != kind::slots_freed && e.what != kind::request_cancelled;
        require(!closed_told_ || !of_a_frame, "nothing is told of behind the end but what ends with it");
        touch(e);
        switch (e.what) {
            case kind::opened:
                opened();
                break;
            case kind::request:
                take_request(e);
                break;
            case kind::request_refused:
                ++refused_;
                break;
            case kind::request_cancelled: {
                auto& call = *static_cast<served_call*>(e.handler);
                require(call.id == e.id, "the handler is that of the call");
                call.is_cancelled = true;
                if (call.items && in_.one_in(2)) engine_.stop_stream(*call.items);
                if (in_.one_in(3)) answer_nth(index_of(call), in_.one_in(2));
                break;
            }
            case kind::slots_freed:
                break;
            case kind::reply:
            case kind::call_failed:
                call_ended(e);
                break;
            case kind::notification:
                take_notification(e);
                break;
            case kind::item:
                take_item(e);
                break;
            case kind::item_end: {
                auto& s = static_cast<own_stream&>(*e.from);
                require(!std::exchange(s.end_came, true), "a stream ends once");
                break;
            }
            case kind::sendable:
                if (in_.one_in(2)) send_item(static_cast<own_stream&>(*e.from));
                break;
            case kind::peer_goaway:
                was_told_to_go_ = true;
                break;
            case kind::warning:
                require(!e.why->detail.empty(), "a warning says something");
                break;
            case kind::closed:
                require(!std::exchange(closed_told_, true), "the end is told of once");
                require(engine_.is_over(), "the end is told of at the end");
                check_cause();
                break;
        }
        if (in_.one_in(5)) {
            command();
            if (e.what == kind::opened) touch(e);
        }
    }

    // Whoever may look at the views of an event, may look at each byte of them.
    void touch(const event& e) {
        unsigned sum = 0;
        using kind = event::kind;
        const auto look = [&sum](std::string_view at) {
            for (const char c : at) sum += static_cast<unsigned char>(c);
        };
        if (e.what == kind::opened || e.what == kind::request || e.what == kind::notification) look(e.name);
        if (e.what == kind::request || e.what == kind::notification) look(e.trace_id);
        if (e.what == kind::request) look(e.idempotency_key);
        if (e.what == kind::request || e.what == kind::notification || e.what == kind::reply || e.what == kind::item)
            look(e.body);
        touched_ = sum;
    }

    void opened() {
        require(!std::exchange(opened_told_, true), "a connection opens once");
        opened_late_ = true;
        if (in_.one_in(16)) {
            opened_late_ = false;
            return engine_.fail(failure(errc::refused, "not today"));
        }
        if (!in_.one_in(4)) accept();
    }

    void take_notification(const event& e) {
        if (ledger_ != nullptr) {
            const auto number = number_of(e.body);
            auto& last = e.name == "latest" ? latest_in_ : last_notification_in_;
            require(number > last, "notifications come in order");
            last = number;
        }
        unhandled_.push_back(e.cost);
        if (!in_.one_in(3)) handle_notification();
    }
    void handle_notification() {
        if (unhandled_.empty()) return;
        ++commands_;
        engine_.handled(unhandled_.front());
        unhandled_.pop_front();
    }

    void take_request(event& e) {
        require(!engine_.is_over(), "no request comes behind the end");
        const auto number = number_of(e.body);
        if (ledger_ != nullptr) {
            const auto found = ledger_->calls.find(number);
            require(found != ledger_->calls.end(), "a request is known to its caller");
            auto& call = found->second;
            require(call.by_server != settings_.is_server(), "a request comes from the other end");
            require(!std::exchange(call.handed, true), "a request is handed out once");
            require(call.size == e.body.size(), "a request comes whole");
            require(call.streams == e.streams, "a request has the streams that it was made with");
        }
        for (const auto& other : served_) require(other->id != e.id, "no two calls run under one id");
        auto call = std::make_unique<served_call>();
        call->id = e.id;
        call->number = number;
        const bool refuses = in_.one_in(8);
        if (e.streams != 0 && !refuses) {
            call->items = std::make_unique<own_stream>(false, e.streams, settings_.limits.stream_credit);
            call->items->number = number;
            engine_.open_stream(e.id, *call->items);
        }
        if (refuses || in_.one_in(3)) {
            if (call->items && in_.one_in(2)) send_item(*call->items);
            return finish_call(*call, refuses);
        }
        const auto deadline = e.deadline;
        engine_.keep(call->id, call.get(), deadline);
        served_.push_back(std::move(call));
    }

    void call_ended(event& e) {
        const auto call = std::static_pointer_cast<own_call>(std::move(e.call));
        require(call != nullptr && calls_.erase(call->number) == 1, "a call ends once");
        require(call->ended, "a call that has ended knows it");
        end_in_ledger(*call);
        if (e.what == event::kind::call_failed && e.why->code == errc::connection_lost && e.why->started)
            has_lost_calls_ = true;
        if (e.what == event::kind::reply && ledger_ != nullptr)
            require(number_of(e.body) == call->number, "a reply is that of its call");
        if (e.what == event::kind::call_failed) require(e.why.has_value(), "a failed call says why");
    }
    void end_in_ledger(const own_call& call) {
        if (ledger_ == nullptr) return;
        require(!std::exchange(ledger_->calls.at(call.number).ended, true), "a call is answered once");
    }

    void take_item(event& e) {
        auto& s = static_cast<own_stream&>(*e.from);
        require(s.takes() && !s.end_came, "items come only where they may");
        require(e.cost >= wire::header_size + e.body.size(), "an item costs its frame");
        s.unconsumed += e.cost;
        if (ledger_ != nullptr) require(number_of(e.body) == s.items_in++, "items come in order, and none is lost");
        require(s.unconsumed <= settings_.limits.stream_credit, "what is not consumed is bounded");
        if (in_.one_in(2)) consume(s, e.cost);
    }

    void begin_call() {
        auto call = std::make_shared<own_call>();
        call->number = ledger_ != nullptr ? ++ledger_->last_number : ++own_number_;
        call->task = in_.one_in(24) ? "" : "task";
        auto body = body_of(call->number, some_size());
        own_bytes_ += body.size() + 400;
        const auto size = body.size();
        if (in_.one_in(6)) {
            call->shared_body = std::make_shared<const std::string>(std::move(body));
        } else {
            call->body.bytes = std::move(body);
        }
        if (in_.one_in(5)) call->timeout = milliseconds(in_.one_of<int>({100, 3, 3000, -1}));
        if (in_.one_in(10)) call->deadline = now_ + milliseconds(in_.byte()) - milliseconds(10);
        const auto streams = static_cast<std::uint8_t>(std::max<int>(static_cast<int>(in_.below(8)) - 4, 0));
        if (streams != 0) {
            call->items = std::make_unique<own_stream>(true, streams, settings_.limits.stream_credit);
            call->items->number = call->number;
            call->stream = call->items.get();
        }
        if (ledger_ != nullptr)
            ledger_->calls[call->number] = {.by_server = settings_.is_server(), .streams = streams, .size = size};
        if (const auto why = engine_.begin_call(call)) {
            require(call->ended, "a call that can't be made has ended");
            end_in_ledger(*call);
            return;
        }
        require(!call->ended && !engine_.is_over(), "a call that was begun runs");
        const auto number = call->number;
        calls_.emplace(number, std::move(call));
    }

    void cancel_call() {
        if (calls_.empty()) return;
        auto nth = std::next(calls_.begin(), static_cast<std::ptrdiff_t>(in_.below(calls_.size())));
        const auto call = nth->second;
        const auto why = engine_.cancel_call(call);
        require(why.has_value() && call->ended, "a call that runs can be cancelled");
        require(!engine_.cancel_call(call), "a call is cancelled once");
        calls_.erase(nth);
        end_in_ledger(*call);
    }

    [[nodiscard]] std::size_t index_of(const served_call& call) const {
        return static_cast<std::size_t>(std::ranges::find(served_, &call, &std::unique_ptr<served_call>::get) -
                                        served_.begin());
    }
    void answer() {
        if (!served_.empty()) answer_nth(in_.below(served_.size()), in_.one_in(6));
    }
    void answer_nth(std::size_t nth, bool fails) {
        const auto call = std::move(served_[nth]);
        served_.erase(served_.begin() + static_cast<std::ptrdiff_t>(nth));
        finish_call(*call, fails);
        (void)engine_.release(call->id);
    }
    void finish_call(served_call& call, bool fails) {
        ++commands_;
        if (call.items) engine_.stop_stream(*call.items);
        if (fails) {
            own_bytes_ += 100;
            engine_.fail_call(
                call.id, failure(in_.one_of<errc>({errc::task_failed, errc::cancelled, errc::bad_request}), "no luck"));
        } else {
            auto body = body_of(call.number, some_size());
            own_bytes_ += body.size() + 20;
            const auto type = in_.one_in(2) ? content_type::json : content_type::bytes;
            if (in_.one_in(2)) {
                engine_.reply(call.id, type, std::string_view(body));
            } else {
                engine_.reply(call.id, type, std::move(body));
            }
        }
        if (call.items) engine_.close_stream(*call.items);
    }

    [[nodiscard]] std::vector<own_stream*> streams() {
        std::vector<own_stream*> all;
        for (auto& [number, call] : calls_)
            if (call->items) all.push_back(call->items.get());
        for (auto& call : served_)
            if (call->items) all.push_back(call->items.get());
        return all;
    }
    own_stream* some_stream() {
        const auto all = streams();
        return all.empty() ? nullptr : all[in_.below(all.size())];
    }
    void send_item() {
        if (auto* s = some_stream()) send_item(*s);
    }
    void send_item(own_stream& s) {
        ++commands_;
        const auto body = body_of(s.items_out, some_size());
        encoded_body item{body, in_.one_in(3) ? content_type::json : content_type::bytes};
        const auto cost = protocol::item_cost(item);
        const auto credit = s.credit();
        const auto needed = in_.one_in(8) ? protocol::streams::room::waived : protocol::streams::room::awaited;
        const auto status = engine_.send_item(s, item, needed);
        if (status == protocol::send_status::sent) {
            require(cost <= credit && s.credit() == credit - cost, "an item costs its credit");
            ++s.items_out;
            own_bytes_ += cost;
        } else {
            require(item.bytes == body, "an item that was not sent is still there");
            require(s.credit() == credit, "an item that was not sent costs nothing");
        }
    }
    void end_stream() {
        auto* s = some_stream();
        if (s == nullptr || !s->is_open() || std::exchange(s->end_written, true)) return;
        in_.one_in(4) ? engine_.end_stream(*s, failure(errc::task_failed, "the file went away"))
                      : engine_.end_stream(*s, std::nullopt);
    }
    void consume() {
        if (auto* s = some_stream()) consume(*s, s->unconsumed);
    }
    void consume(own_stream& s, std::size_t cost) {
        ++commands_;
        if (cost == 0) return;
        s.unconsumed -= cost;
        engine_.consumed(s, cost);
    }

    void notify() {
        if (in_.one_in(4)) return notify_latest();
        protocol::topic_rules queue;
        queue.rules.policy = in_.one_of<overflow>(
            {overflow::drop_oldest, overflow::drop_newest, overflow::drop_oldest, overflow::close});
        queue.rules.max_bytes = 8000;
        queue.rules.max_frames = 1 + in_.byte() % 16;
        if (in_.one_in(3)) queue.lane = "lane";
        auto made = protocol::make_notification("topic", {body_of(++last_notification_out_, some_size())}, {}, {},
                                                std::move(queue));
        require(made.has_value(), "a notification can be made");
        own_bytes_ += (*made)->size();
        (void)engine_.has_notification_room();
        engine_.notify(std::move(*made));
    }

    void notify_latest() {
        protocol::topic_rules queue{.rules = {.policy = overflow::keep_latest, .max_frames = 1}, .lane = "latest"};
        auto made = protocol::make_notification("latest", {body_of(++latest_out_, 4)}, {}, "key", std::move(queue));
        require(made.has_value(), "a notification can be made");
        own_bytes_ += (*made)->size();
        engine_.notify(std::move(*made));
    }

    void end_connection() {
        failure why(errc::refused, "enough");
        switch (in_.below(4)) {
            case 0:
                return engine_.close(failure(errc::connection_closed, "this side closed the connection"));
            case 1:
                return engine_.dismiss(std::move(why));
            case 2:
                return engine_.fail(std::move(why));
            default:
                return engine_.abort(std::move(why));
        }
    }

    void check_facts() {
        require(engine_.running() == served_.size(), "what is kept runs");
        std::size_t kept = 0;
        engine_.each_kept([&kept, this](void* handler) {
            ++kept;
            require(index_of(*static_cast<served_call*>(handler)) < served_.size(), "what is kept is known");
        });
        require(kept == served_.size(), "each kept call is visited");
        require(engine_.running() <= settings_.limits.max_calls, "no more calls run than may");
        require(engine_.wanted() <= wire::header_size + wire::max_meta + (std::size_t{1} << 16),
                "a bounded frame is awaited");
        require(engine_.now() == now_, "the engine has the driver's time");
    }

    void check_cause() {
        const auto code = engine_.cause().code;
        require(code != errc{}, "the end has a cause");
        const std::string drained = settings_.is_server() ? "the server shut down" : "the client shut down";
        if (code == errc::shutting_down && engine_.cause().detail == drained) {
            is_drained_ = true;
            require(served_.empty(), "a drained connection ends with nothing running here");
            for (const auto& [number, call] : calls_)
                require(call->id == 0, "a drained connection ends with no call on its way");
        }
        if (ledger_ == nullptr) return;
        const bool is_blamed = code == errc::protocol_error || code == errc::frame_too_large || code == errc::abusive ||
                               code == errc::not_echosocket || code == errc::unsupported_version;
        if (is_blamed) std::fprintf(stderr, "%s\n", engine_.cause().detail.c_str());
        require(!is_blamed, "an honest end is never blamed");
    }

    input& in_;
    const protocol::engine_settings settings_;
    ledger* ledger_;
    const milliseconds ping_interval_;
    protocol::engine engine_;
    time_point now_;
    event event_;

    std::unique_ptr<char[]> arrived_;
    std::size_t arrived_size_ = 0;
    std::map<std::uint32_t, std::shared_ptr<own_call>> calls_;
    std::vector<std::unique_ptr<served_call>> served_;
    std::uint32_t own_number_ = 0;
    std::uint32_t last_notification_out_ = 0;
    std::uint32_t last_notification_in_ = 0;
    std::uint32_t latest_out_ = 0;
    std::uint32_t latest_in_ = 0;
    std::deque<std::size_t> unhandled_;  // what the notifications cost
    std::size_t commands_ = 0;
    std::size_t own_bytes_ = 0;
    std::size_t refused_ = 0;
    volatile unsigned touched_ = 0;
    bool pumping_ = false;
    bool opened_told_ = false;
    bool opened_late_ = false;  // and not accepted yet
    bool closed_told_ = false;
    bool input_ended_ = false;
    bool sending_is_finished_ = false;
    bool output_is_broken_ = false;
    bool is_drained_ = false;
    bool was_told_to_go_ = false;
    bool has_lost_calls_ = false;
};

}  // namespace echosocket::fuzz
