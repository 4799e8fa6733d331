// The upper limit of a server: an echo over the same frames in one epoll loop, which reads all there is, answers it
// with one write, and does nothing else. No limits, no names, no deadlines, no tasks.
#include "serving.hpp"
#include "wire/frame.hpp"

#include <sys/epoll.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace echosocket;

/// A frame too large for the shared buffer. Its memory is kept for the next one.
struct large_frame {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
    std::size_t size = 0;  // 0 if there is none
    std::size_t have = 0;
};

struct connection {
    explicit connection(int opened) : socket(opened) {}
    ~connection() { ::close(socket); }
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    int socket;
    std::string carry;  // an incomplete frame
    large_frame large;
    std::string unsent;  // answers that did not fit into the socket
    std::size_t unsent_at = 0;
};

class raw_server {
public:
    raw_server()
        : listener_(bench::listen_and_announce()),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          buffer_(common_size),
          answers_(common_size) {
        watch(listener_, nullptr, EPOLL_CTL_ADD, EPOLLIN);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, 256> events;
        for (;;) {
            const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < ready; ++i) handle(events[static_cast<std::size_t>(i)]);
        }
    }

private:
    void watch(int socket, connection* c, int operation, std::uint32_t what) const {
        epoll_event event{};
        event.events = what;
        event.data.ptr = c;
        ::epoll_ctl(epoll_, operation, socket, &event);
    }

    void handle(const epoll_event& event) {
        auto* c = static_cast<connection*>(event.data.ptr);
        if (c == nullptr) return accept();
        const bool alive = ((event.events & EPOLLOUT) == 0 || send_rest(*c)) && (!c->unsent.empty() || receive(*c));
        if (!alive) delete c;
    }

    void accept() const {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) return;
        bench::send_without_delay(socket);
        watch(socket, new connection(socket), EPOLL_CTL_ADD, EPOLLIN);
    }

    bool receive(connection& c) {
        if (c.large.size > 0) return receive_large(c);
        std::memcpy(buffer_.data(), c.carry.data(), c.carry.size());
        const auto got = ::recv(c.socket, buffer_.data() + c.carry.size(), buffer_.size() - c.carry.size(), 0);
        if (got <= 0) return got < 0 && errno == EAGAIN;
        return answer(c, {buffer_.data(), c.carry.size() + static_cast<std::size_t>(got)});
    }

    bool answer(connection& c, std::string_view bytes) {
        char* end = answers_.data();
        auto next = wire::parse_frame(bytes, frames_);
        for (; next.status == wire::parse_status::complete; next = wire::parse_frame(bytes, frames_)) {
            end = write_answer(end, next.frame);
            bytes.remove_prefix(next.size);
        }
        if (next.status == wire::parse_status::invalid) return false;
        if (next.size > common_size / 2) {
            begin_large(c.large, bytes, next.size);
            bytes = {};
        }
        c.carry.assign(bytes);
        return send(c, {answers_.data(), end});
    }

    static char* write_answer(char* to, const wire::frame& asked) {
        const auto kind = asked.kind == wire::frame_kind::request ? wire::frame_kind::response : asked.kind;
        wire::write_header(to, kind, 0, asked.id, 0, asked.body.size());
        std::memcpy(to + wire::header_size, asked.body.data(), asked.body.size());
        return to + wire::header_size + asked.body.size();
    }

    static void begin_large(large_frame& large, std::string_view start, std::size_t size) {
        if (large.capacity < size) {
            large.bytes = std::make_unique_for_overwrite<char[]>(size);
            large.capacity = size;
        }
        std::memcpy(large.bytes.get(), start.data(), start.size());
        large.size = size;
        large.have = start.size();
    }

    bool receive_large(connection& c) {
        auto& large = c.large;
        const auto got = ::recv(c.socket, large.bytes.get() + large.have, large.size - large.have, 0);
        if (got <= 0) return got < 0 && errno == EAGAIN;
        large.have += static_cast<std::size_t>(got);
        if (large.have < large.size) return true;
        // The answer's header overwrites the end of the request's header and meta, so the body need not move.
        const auto asked = wire::parse_frame({large.bytes.get(), std::exchange(large.size, 0)}, frames_).frame;
        char* start = large.bytes.get() + asked.meta.size();
        wire::write_header(start, wire::frame_kind::response, 0, asked.id, 0, asked.body.size());
        return send(c, {start, wire::header_size + asked.body.size()});
    }

    bool send(connection& c, std::string_view bytes) const {
        if (bytes.empty()) return true;
        const auto sent = ::send(c.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return false;
        bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
        if (bytes.empty()) return true;
        c.unsent.assign(bytes);
        c.unsent_at = 0;
        watch(c.socket, &c, EPOLL_CTL_MOD, EPOLLOUT);
        return true;
    }

    bool send_rest(connection& c) const {
        const auto sent = ::send(c.socket, c.unsent.data() + c.unsent_at, c.unsent.size() - c.unsent_at, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN;
        c.unsent_at += static_cast<std::size_t>(sent);
        if (c.unsent_at < c.unsent.size()) return true;
        c.unsent.clear();
        watch(c.socket, &c, EPOLL_CTL_MOD, EPOLLIN);
        return true;
    }

    static constexpr std::size_t common_size = 256 * 1024;
    static constexpr wire::frame_limits frames_{.max_frame = 64 * 1024 * 1024, .max_skip = 64 * 1024 * 1024};

    int listener_;
    int epoll_;
    std::vector<char> buffer_;
    std::vector<char> answers_;  // never longer than the requests that they answer
};

}  // namespace

int main() {
    raw_server().run();
}
