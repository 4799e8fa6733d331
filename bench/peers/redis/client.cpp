// Calls through hiredis: appends a number of commands, then waits for as many replies.
#include "calls.hpp"

#include <hiredis/hiredis.h>
#include <deque>
#include <memory>

namespace {

using namespace echosocket::bench;

struct under_way {
    std::int64_t began;
    std::string body;
};

bool is_right(void* taken, const std::string& body) {
    const std::unique_ptr<redisReply, decltype(&freeReplyObject)> reply(static_cast<redisReply*>(taken),
                                                                        freeReplyObject);
    return reply->type == REDIS_REPLY_STRING && std::string_view(reply->str, reply->len) == body;
}

int work(const arguments& given) {
    const auto address = given.text("address");
    const auto colon = address.rfind(':');
    const std::unique_ptr<redisContext, decltype(&redisFree)> redis(
        redisConnect(address.substr(0, colon).c_str(), std::stoi(address.substr(colon + 1))), redisFree);
    if (!redis || redis->err != 0) return 2;
    const auto size = given.number("payload", 64);
    const auto depth = given.number("depth", 1);
    call_log log(given);
    std::deque<under_way> calls;
    std::uint64_t number = 0;
    while (!log.over()) {
        while (calls.size() < depth) {
            const auto& call = calls.emplace_back(log.begin(), numbered_body(size, ++number));
            redisAppendCommand(redis.get(), "ECHO %b", call.body.data(), call.body.size());
        }
        for (; !calls.empty(); calls.pop_front()) {
            void* reply = nullptr;
            if (redisGetReply(redis.get(), &reply) != REDIS_OK) return 1;
            log.end(calls.front().began, is_right(reply, calls.front().body));
        }
    }
    return log.print();
}

}  // namespace

int main(int count, char** values) {
    return work(arguments(count, values));
}
