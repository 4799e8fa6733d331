// The upper limit of a client: blocking ping-pong over the same frames.
#include "calls.hpp"
#include "cli/load/sockets.hpp"
#include "wire/hello.hpp"

#include <array>

namespace {

using namespace echosocket;

constexpr std::string_view meta("\1\4\0echo", 7);

bool receive(int socket, char* to, std::size_t size) {
    return ::recv(socket, to, size, MSG_WAITALL) == static_cast<ssize_t>(size);
}

int work(const bench::arguments& given) {
    const auto target = load::resolve(given.text("address"));
    if (!target) return 2;
    const auto socket = load::connect_to(*target);
    if (!socket) return 2;
    const int fd = socket->get();

    std::string request;
    wire::append_hello(request, {.name = "raw client"});
    const std::size_t hello_size = request.size();
    if (::send(fd, request.data(), hello_size, 0) < 0 || !receive(fd, request.data(), hello_size)) return 1;

    std::string body(given.number("payload", 64), 'e');
    std::string answer(wire::header_size + body.size(), '\0');
    bench::call_log log(given);
    for (std::uint32_t id = 1; !log.over(); id += 2) {
        const auto began = log.begin();
        std::memcpy(body.data(), &id, sizeof id);
        request.clear();
        wire::append_frame(request, {.kind = wire::frame_kind::request, .id = id, .meta = meta, .body = body});
        if (::send(fd, request.data(), request.size(), 0) < 0 || !receive(fd, answer.data(), answer.size())) return 1;
        const auto reply = wire::parse_frame(answer, {}).frame;
        log.end(began, reply.id == id && reply.body == body);
    }
    return log.print();
}

}  // namespace

int main(int count, char** values) {
    return work(bench::arguments(count, values));
}
