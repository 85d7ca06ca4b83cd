using DeepSight.Functions;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

// An app on the official worker for tests to run under the local host, to signal and to kill.
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
if (WorkerLifetime.IsAskedFor) builder.Services.AddSingleton<IHostLifetime, WorkerLifetime>();

await builder.Build().RunAsync();
