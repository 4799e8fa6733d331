// Calls through gRPC's callback API: a number of channels with a number of calls in flight on each.
#include "calls.hpp"
#include "echo.grpc.pb.h"

#include <grpcpp/grpcpp.h>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>

namespace {

using echosocket::bench::arguments;
using echosocket::bench::call_log;
using echosocket::bench::Echo;
using echosocket::bench::Message;

/// Shared by all calls; gRPC answers from its own threads.
struct shared_log {
    explicit shared_log(const arguments& given) : log(given), size(given.number("payload", 64)) {}

    std::mutex guard;
    std::condition_variable ended;
    call_log log;
    std::size_t size;
    std::size_t running = 0;
    std::uint64_t number = 0;
};

/// Makes one call after the other.
class caller {
public:
    caller(Echo::Stub& stub, shared_log& common) : stub_(stub), common_(common) {}

    /// Requires `common_.guard` to be held.
    void start() {
        request_.set_payload(echosocket::bench::numbered_body(common_.size, ++common_.number));
        context_ = std::make_unique<grpc::ClientContext>();
        began_ = common_.log.begin();
        stub_.async()->Call(context_.get(), &request_, &reply_, [this](grpc::Status status) { finish(status); });
    }

private:
    void finish(const grpc::Status& status) {
        const bool right = status.ok() && reply_.payload() == request_.payload();
        const std::lock_guard lock(common_.guard);
        common_.log.end(began_, right);
        if (!common_.log.over()) return start();
        if (--common_.running == 0) common_.ended.notify_one();
    }

    Echo::Stub& stub_;
    shared_log& common_;
    std::unique_ptr<grpc::ClientContext> context_;
    Message request_;
    Message reply_;
    std::int64_t began_ = 0;
};

std::unique_ptr<Echo::Stub> connect(const std::string& address) {
    grpc::ChannelArguments options;
    options.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // otherwise all channels share one connection
    options.SetMaxReceiveMessageSize(64 * 1024 * 1024);
    return Echo::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), options));
}

int work(const arguments& given) {
    std::deque<std::unique_ptr<Echo::Stub>> stubs;
    std::deque<caller> callers;
    shared_log common(given);
    const auto depth = given.number("depth", 1);
    for (std::size_t i = 0; i < given.number("connections", 1); ++i) {
        auto& stub = stubs.emplace_back(connect(given.text("address")));
        for (std::size_t j = 0; j < depth; ++j) callers.emplace_back(*stub, common);
    }
    std::unique_lock lock(common.guard);
    common.running = callers.size();
    for (auto& one : callers) one.start();
    common.ended.wait(lock, [&] { return common.running == 0; });
    return common.log.print();
}

}  // namespace

int main(int count, char** values) {
    return work(arguments(count, values));
}
