// An echo server in gRPC's own style: the callback API.
#include "echo.grpc.pb.h"
#include "serving.hpp"

#include <grpcpp/grpcpp.h>
#include <memory>

namespace {

class echo final : public echosocket::bench::Echo::CallbackService {
    grpc::ServerUnaryReactor* Call(grpc::CallbackServerContext* context, const echosocket::bench::Message* request,
                                   echosocket::bench::Message* reply) override {
        reply->set_payload(request->payload());
        auto* reactor = context->DefaultReactor();
        reactor->Finish(grpc::Status::OK);
        return reactor;
    }
};

}  // namespace

int main() {
    echo service;
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.SetMaxReceiveMessageSize(64 * 1024 * 1024);
    builder.RegisterService(&service);
    const auto server = builder.BuildAndStart();
    echosocket::bench::announce(static_cast<std::uint16_t>(port));
    server->Wait();
}
