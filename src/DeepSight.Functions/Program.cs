using DeepSight.Core;
using DeepSight.Core.Settings;
using DeepSight.Functions;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using var limit = FileSizeLimit.LetWritesFail();

// A setting that is wrong does not throw here: it would end in a restart loop. Health says what is wrong, and no job runs.
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.UseMiddleware<FailureHints>();
builder.Services
    .AddDeepSight(DeepSightSettings.Load(new SettingsSource().Add(builder.Configuration.AsEnumerable(), "configuration")))
    .AddHostedService<StartupMigration>().AddHostedService<HostStart>()
    .AddSingleton<AppQueues>().AddSingleton<RequestQueue>().AddSingleton<RunningJobs>().AddHostedService(provider => provider.GetRequiredService<RunningJobs>())
    .Configure<HostOptions>(host => host.ShutdownTimeout = RunningJobs.ShutdownWait);
// The host in front has a limit of its own, and answers what is over it.
builder.Services.Configure<KestrelServerOptions>(server => server.Limits.MaxRequestBodySize = null);
if (WorkerLifetime.IsAskedFor) builder.Services.AddSingleton<IHostLifetime, WorkerLifetime>();

await builder.Build().RunAsync();
