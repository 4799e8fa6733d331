// One engine and a hostile other end: bytes of every kind, in any pieces, at any time, between the commands of a driver
// that keeps to the rules.
#include "driver.hpp"
#include "protocol/backpressure.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define ECHOSOCKET_COUNTS_MEMORY
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ECHOSOCKET_COUNTS_MEMORY
#endif
#endif
#ifdef ECHOSOCKET_COUNTS_MEMORY
// GCC has the function and no header for it.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

using namespace echosocket;
using namespace echosocket::fuzz;

namespace {

constexpr std::size_t most_steps = 600;

std::size_t memory_in_use() noexcept {
#ifdef ECHOSOCKET_COUNTS_MEMORY
    return __sanitizer_get_current_allocated_bytes();
#else
    return 0;
#endif
}

wire::meta some_meta(input& in) {
    static constexpr std::string_view long_text =
        "a text of some length, longer than an identifier may be: sixty-four bytes are the most that it takes";
    wire::meta made;
    if (!in.one_in(8)) made.name = in.one_in(8) ? std::string_view("\xff\xfe") : std::string_view("task");
    if (in.one_in(6)) made.deadline_ms = in.one_of<std::uint32_t>({0, 1, 500, 0xffffffff});
    if (in.one_in(8)) made.trace_id = long_text.substr(0, in.byte() % 70);
    if (in.one_in(8)) made.idempotency_key = long_text.substr(0, in.byte() % 70);
    if (in.one_in(8)) made.content_type = content_type::json;
    if (in.one_in(3)) made.streams = static_cast<std::uint8_t>(in.below(4));
    if (in.one_in(3)) made.credit = in.one_of<std::uint32_t>({100, 0, 5000, 0x7fffffff, 0xffffffff});
    if (in.one_in(3)) made.code = in.one_of<std::uint16_t>({7, 0, 1, 28, 1000});
    return made;
}

/// A frame that is valid more often than not.
std::string some_frame(input& in, bool peer_is_server) {
    using wire::frame_kind;
    static constexpr frame_kind kinds[] = {frame_kind::request, frame_kind::response, frame_kind::request,
                                           frame_kind::item,    frame_kind::error,    frame_kind::cancel,
                                           frame_kind::notify,  frame_kind::end,      frame_kind::credit,
                                           frame_kind::ping,    frame_kind::pong,     frame_kind::goaway};
    wire::frame made;
    const unsigned choice = in.byte();
    made.kind = choice >= 252 ? static_cast<frame_kind>(choice - 240) : kinds[choice % std::size(kinds)];
    const bool about_a_call = made.kind == frame_kind::request || made.kind == frame_kind::response ||
                              (made.kind >= frame_kind::item && made.kind <= frame_kind::credit) ||
                              made.kind == frame_kind::error || made.kind == frame_kind::cancel;
    const unsigned where = in.byte();
    if (about_a_call || where >= 250) {
        // Of the six lowest ids, those that have the right parity.
        const bool is_own = made.kind == frame_kind::request || made.kind == frame_kind::cancel
                                ? where < 248
                                : made.kind != frame_kind::response && made.kind != frame_kind::error && where % 2 == 0;
        made.id = 1 + where / 2 % 6 * 2 + (is_own == peer_is_server ? 1 : 0);
        if (where == 255) made.id = 0;
    }
    if (made.kind == frame_kind::credit && where % 4 == 1) made.id = 0;
    const unsigned shape = in.byte();
    if (shape % 8 == 1) made.flags = wire::flag_more;
    if (shape % 8 == 2) made.flags = wire::flag_ignorable;
    if (made.kind == frame_kind::notify && (made.more() || shape % 8 == 3)) made.id = 1 + where % 6;
    std::string meta;
    std::string body;
    if (shape & 8) {
        meta.assign(in.bytes(in.byte()));
    } else if (made.kind != frame_kind::cancel && made.kind != frame_kind::ping && made.kind != frame_kind::pong) {
        const auto records = some_meta(in);
        meta.resize(wire::meta_size(records));
        wire::write_meta(meta.data(), records);
    }
    switch (shape >> 5) {
        case 1:
            body = in.bytes(in.byte());
            break;
        case 2:
            body.assign(in.byte(), 'x');
            break;
        case 3:
            body.assign(1000 + in.byte(), 'x');
            break;
        case 4:
            body.assign(in.two_bytes() % 20'000, 'x');
            break;
        case 5:
            body = "goaway";
            break;
        default:
            break;
    }
    made.meta = meta;
    made.body = body;
    std::string bytes;
    wire::append_frame(bytes, made);
    return bytes;
}

std::string some_hello(input& in) {
    wire::hello made{.name = "peer"};
    made.max_frame = in.one_of<std::uint32_t>({1024 * 1024, 1024, 5000});
    made.max_message = in.one_of<std::uint64_t>({16 * 1024 * 1024, 1024 * 1024, 2048});
    made.max_calls = in.one_of<std::uint32_t>({1024, 0, 2, 0xffffffff});
    made.stream_credit = in.one_of<std::uint32_t>({65536, 0, 100, 0x7fffffff});
    if (in.one_in(2)) made.notify_credit = in.one_of<std::uint32_t>({1024, 65536, 0x7fffffff});
    std::string bytes;
    wire::append_hello(bytes, made);
    return bytes;
}

class one_engine {
public:
    one_engine(input& in, protocol::role role)
        : in_(in), is_server_(role == protocol::role::server), driver_(role, in, now_, nullptr) {
        // What a hostile HELLO allows is not looked at here; two engines are held against each other for that.
        driver_.sent.knows_peer = true;
        driver_.sent.max_frame = driver_.sent.max_message = std::size_t{1} << 30;
        if (!in.one_in(4)) line_ += some_hello(in);
    }

    void run() {
        for (std::size_t step = 0; step < most_steps && !in_.empty(); ++step) {
            one_step();
            check_memory();
            if (driver_.engine().is_closed() && step % 4 == 0) break;
        }
        end();
    }

private:
    void one_step() {
        switch (in_.below(12)) {
            case 0:
            case 1:
            case 2:
                last_ = some_frame(in_, !is_server_);
                line_ += last_;
                break;
            case 3:
                deliver(in_.byte());
                break;
            case 4:
                deliver(line_.size());
                break;
            case 5:
                line_ += in_.bytes(in_.byte());
                break;
            case 6:
                for (std::size_t left = 1 + in_.below(64); left != 0 && line_.size() < 100'000; --left) line_ += last_;
                break;
            case 7:
                pass(std::chrono::milliseconds(in_.one_of<int>({1, 100, 5000, 30'000})));
                break;
            case 8:
                driver_.write(written_, 1 + in_.two_bytes(), 1 + in_.below(64));
                break;
            case 9:
                driver_.write_all(written_);
                break;
            case 10:
                if (in_.one_in(8)) {
                    driver_.end_input();
                } else if (in_.one_in(4)) {
                    line_ += some_hello(in_);
                }
                break;
            default:
                driver_.command();
                if (in_.one_in(2)) driver_.pump();
                break;
        }
        written_.clear();
    }

    void deliver(std::size_t most) {
        const std::size_t size = std::min(most, line_.size());
        // A driver reads no further while the engine is held back.
        if (size == 0 || driver_.engine().is_held_back()) return driver_.pump();
        const std::string taken = line_.substr(0, size);
        line_.erase(0, size);
        driver_.deliver(taken);
    }

    void pass(std::chrono::milliseconds time) {
        now_ += time;
        driver_.set_time(now_);
        driver_.wake_if_due();
    }

    // What the other end can bring about is bounded, besides what this end's own program has asked for.
    void check_memory() {
        auto& engine = driver_.engine();
        const auto& limits = driver_.settings().limits;
        std::array<std::string_view, 64> pieces;
        std::size_t queued = 0;
        if (!engine.is_closed() && !engine.only_pieces_left())
            for (std::size_t i = engine.gather(pieces); i != 0; --i) queued += pieces[i - 1].size();
        std::size_t bound = limits.output_soft + 8192 + driver_.own_bytes();
        // A client reads on, whatever waits for a server that does not.
        if (!is_server_) bound += 100 * limits.abuse_burst + 256 * driver_.refused();
        require(queued <= bound, "what is queued is bounded");
        if (memory_at_begin_ == 0) memory_at_begin_ = memory_in_use();
        const std::size_t least = 4 * limits.max_message + (2U << 20) + 2 * bound + 2 * line_.size();
        require(memory_in_use() <= memory_at_begin_ + least, "memory is bounded");
    }

    // The other end falls silent: it is given up, and all that runs ends.
    void end() {
        driver_.accept();
        driver_.pump();
        auto& engine = driver_.engine();
        for (int turns = 0; !engine.is_closed(); ++turns) {
            require(turns < 200 || !driver_.sends_pings(), "an end that is silent is given up");
            driver_.write_all(written_);
            written_.clear();
            const auto next = engine.next_timeout();
            if (next == never || (turns > 100 && !driver_.sends_pings()))
                break;  // without pings a call may be waited for until the line ends
            if (next > now_) now_ = next;
            driver_.set_time(now_);
            driver_.wake_if_due();
            driver_.answer_all();
            driver_.pump();
        }
        driver_.end_input();
        driver_.answer_all();
        require(engine.is_closed() && engine.running() == 0 && driver_.calls().empty(), "nothing runs behind the end");
        require(engine.next_timeout() > now_ || (driver_.wake_if_due(), true), "a closed engine waits for nothing");
    }

    input& in_;
    bool is_server_;
    time_point now_{std::chrono::hours(1)};
    std::string line_;
    std::string last_;
    std::string written_;
    std::size_t memory_at_begin_ = 0;
    driver driver_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input in({reinterpret_cast<const char*>(data), size});
    one_engine(in, in.one_in(2) ? protocol::role::client : protocol::role::server).run();
    return 0;
}
