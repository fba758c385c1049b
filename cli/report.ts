export { reportCommand } from "../measure/report/command";
